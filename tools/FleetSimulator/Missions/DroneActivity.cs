namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>What a drone is doing.</summary>
internal enum DroneActivity
{
    /// <summary>Stands somewhere without a mission; at home it charges.</summary>
    Idle,

    /// <summary>Flies home.</summary>
    Returning,

    /// <summary>Flies to the pickup.</summary>
    HeadedToPickup,

    /// <summary>Stands at the pickup, rotors off, and asks for the parcel.</summary>
    AwaitingParcel,

    /// <summary>Hovers while the parcel is hooked on.</summary>
    TakingParcel,

    /// <summary>Flies to the dropoff.</summary>
    HeadedToDropoff,

    /// <summary>Hovers while the parcel is let down.</summary>
    HandingOver,

    /// <summary>Handed over; stands until the backend knows.</summary>
    Delivered,

    /// <summary>Comes down on the last of the battery.</summary>
    LandingShort,

    /// <summary>Stands with an empty battery where it came down; a crew is on its way.</summary>
    LandedShort,
}
