namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>What may happen to a drone.</summary>
internal enum FleetEventKind
{
    /// <summary>A mission was taken.</summary>
    Taken,

    /// <summary>The parcel is on board.</summary>
    PickedUp,

    /// <summary>The parcel was handed over.</summary>
    Delivered,

    /// <summary>The mission was dropped before the parcel was on board.</summary>
    Dropped,

    /// <summary>The backend took the mission back with the parcel on board; the drone carries on.</summary>
    Disowned,

    /// <summary>The battery forced a landing where none was planned.</summary>
    LandedShort,

    /// <summary>A crew changed the battery where the drone had come down.</summary>
    Serviced,
}
