using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Motion;
using Xunit.Sdk;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>A drone in a test's hands, with a clock that moves when it flies.</summary>
internal sealed class TestFlight
{
    private const double Seconds = 0.1;

    public TestFlight(double speedUp = 60)
    {
        Profile = DroneProfile.Of(0, "test", new ServiceArea(DroneGen.Center, 8000, 4), speedUp);
        Drone = new Drone(Profile, Events.Add);
        Pickup = Profile.Home.Destination(90, 2000);
        Dropoff = Profile.Home.Destination(0, 3000);
    }

    public DroneProfile Profile { get; }

    public Drone Drone { get; }

    public List<FleetEvent> Events { get; } = [];

    public GeoPoint Pickup { get; }

    public GeoPoint Dropoff { get; }

    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IEnumerable<FleetEventKind> Kinds => Events.Select(happened => happened.Kind);

    public MissionOrder Order(
        string id = "d1", int attempt = 1, MissionPhase phase = MissionPhase.Assigned, GeoPoint? pickup = null, double weight = 10, double lease = 60) =>
        new(id, attempt, phase, pickup ?? Pickup, Dropoff, weight, Now.AddSeconds(lease));

    public void Hear(MissionOrder? order) => Drone.Hear(order, Now);

    public void Grant(bool granted = true)
    {
        Drone.AskedForParcel();
        Drone.HearAboutParcel(Drone.Mission!.DeliveryId, Drone.Mission.Attempt, granted);
    }

    public DroneMemory Step(WindVector wind = default, double seconds = Seconds)
    {
        Now = Now.AddSeconds(seconds);
        Drone.Advance(seconds, wind, Now);
        return Drone.Remember();
    }

    /// <summary>Flies until the drone does this; the lease is kept up.</summary>
    public void FlyUntil(DroneActivity activity, double atMost = 300)
    {
        for (var flown = 0.0; flown < atMost; flown += Seconds)
        {
            if (Drone.Activity == activity) return;
            if (Drone.Mission is { } mission && mission.LeaseUntil - Now < TimeSpan.FromSeconds(5))
            {
                Hear(new MissionOrder(mission.DeliveryId, mission.Attempt, mission.Phase, mission.Pickup, mission.Dropoff,
                    mission.Weight, Now.AddSeconds(60)));
            }

            Step();
        }

        throw new XunitException($"Still {Drone.Activity} after {atMost} s.");
    }

    /// <summary>Flies with the parcel on board.</summary>
    public void PickUp()
    {
        Hear(Order());
        FlyUntil(DroneActivity.AwaitingParcel);
        Grant();
        FlyUntil(DroneActivity.HeadedToDropoff);
    }
}
