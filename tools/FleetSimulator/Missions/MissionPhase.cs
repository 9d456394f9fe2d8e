namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>Phase of a mission, by the names of the HTTP contract; it only grows.</summary>
internal enum MissionPhase
{
    /// <summary>Reserved; the drone does not know yet.</summary>
    Assigned,

    /// <summary>On the way to the pickup.</summary>
    HeadedToPickup,

    /// <summary>At the pickup, asking for the parcel.</summary>
    AtPickup,

    /// <summary>Has the parcel, on the way to the dropoff.</summary>
    HeadedToDropoff,

    /// <summary>Handed over.</summary>
    Delivered,
}
