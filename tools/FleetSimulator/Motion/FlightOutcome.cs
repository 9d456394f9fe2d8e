namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>How a stretch of flight ended.</summary>
internal enum FlightOutcome
{
    /// <summary>The time was used up.</summary>
    UnderWay,

    /// <summary>The drone is where it should be, for as long as it should be.</summary>
    Done,

    /// <summary>What is left in the battery is needed to come down here.</summary>
    MustLand,
}
