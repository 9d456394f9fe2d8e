using System.Collections.Concurrent;
using DroneDelivery.Drones;

namespace DroneDelivery.Cluster;

/// <summary>What drones did, as seen by them.</summary>
internal sealed class FlightLog
{
    /// <summary>Missions on which a parcel was taken, by delivery.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<(string Drone, int Attempt)>> Pickups { get; } = new();

    /// <summary>Missions on which a parcel was handed over, by delivery.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<(string Drone, int Attempt)>> Handovers { get; } = new();
}

/// <summary>A drone that goes on by itself: it reports, flies what it is told at once, and repeats what got no answer.</summary>
internal sealed class FlyingDrone(TestDrone drone, FlightLog log)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(30);

    public async Task Fly(CancellationToken landing)
    {
        await Answered(() => drone.Register(), landing);
        using var beat = new PeriodicTimer(Beat);
        while (!landing.IsCancellationRequested)
        {
            await Answered(() => drone.Report(), landing);
            if (drone.Mission is { } mission) await Serve(mission, landing);
            await Tick(beat, landing);
        }
    }

    private async Task Serve(MissionOrder mission, CancellationToken landing)
    {
        drone.Position = mission.Pickup;
        await Answered(() => drone.Report(MissionPhase.HeadedToPickup), landing);
        var command = CommandId.New();
        using var beat = new PeriodicTimer(Beat);
        while (true)
        {
            var asked = await Answered(() => drone.Grain.RequestPickup(command, mission.DeliveryId, mission.Attempt), landing);
            if (asked is null) return;
            if (asked.Succeeded) break;
            if (asked.Reason?.EndsWith("ask again.", StringComparison.Ordinal) != true) return; // The mission was taken back.
            await Tick(beat, landing);
        }

        log.Pickups.GetOrAdd(mission.DeliveryId, _ => []).Add((drone.Id, mission.Attempt));
        drone.Position = mission.Dropoff;
        log.Handovers.GetOrAdd(mission.DeliveryId, _ => []).Add((drone.Id, mission.Attempt)); // Then it says so until it is heard.
        while (true)
        {
            var told = await Answered(() => drone.Report(MissionPhase.Delivered), landing);
            if (told is null) return;
            if (told.Mission?.DeliveryId != mission.DeliveryId) return;
            await Tick(beat, landing);
        }
    }

    private static async Task Tick(PeriodicTimer beat, CancellationToken landing)
    {
        try
        {
            await beat.WaitForNextTickAsync(landing);
        }
        catch (OperationCanceledException)
        {
            // It lands.
        }
    }

    /// <summary>Repeats a call until it is answered; null when the drone has landed.</summary>
    private static Task<T?> Answered<T>(Func<Task<T>> call, CancellationToken landing) where T : class => Patiently.Ask(call, landing);
}

/// <summary>Clients of a cluster in trouble see errors for a moment and ask again, as the gateway does.</summary>
internal static class Patiently
{
    public static async Task<T?> Ask<T>(Func<Task<T>> call, CancellationToken cancellationToken) where T : class
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (failure is Orleans.Runtime.OrleansException or TimeoutException or Orleans.Storage.InconsistentStateException or IOException)
            {
                try
                {
                    await pause.WaitForNextTickAsync(cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    return null;
                }
            }
        }

        return null;
    }
}
