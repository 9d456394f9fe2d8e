namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>A mission as its drone sees it.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number for that delivery.</param>
/// <param name="Phase">Phase reached.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="LeaseUntil">Before pickup, when to give up if nothing newer is heard.</param>
internal sealed record Mission(
    string DeliveryId, int Attempt, MissionPhase Phase, GeoPoint Pickup, GeoPoint Dropoff, double Weight, DateTimeOffset LeaseUntil)
{
    /// <summary>The backend allowed this drone to take the parcel.</summary>
    public bool PickupGranted { get; init; }

    /// <summary>The drone asked for the parcel and has not heard the answer, which may have been yes.</summary>
    public bool PickupInDoubt { get; init; }

    /// <summary>The backend took the mission back although the parcel is with the drone.</summary>
    public bool Disowned { get; init; }

    /// <summary>Whether the parcel is the drone's to bring: nothing but the handover ends the mission then.</summary>
    public bool IsCommitted => PickupGranted || Phase >= MissionPhase.HeadedToDropoff;

    /// <summary>Whether the parcel hangs under the drone.</summary>
    public bool HasParcelOnBoard => Phase == MissionPhase.HeadedToDropoff;

    /// <summary>Whether an order is this mission.</summary>
    public bool Is(MissionOrder? order) => order is not null && order.DeliveryId == DeliveryId && order.Attempt == Attempt;
}
