namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>What became of a report, by the names of the HTTP contract.</summary>
internal enum TelemetryOutcome
{
    /// <summary>Taken in; the answer's mission counts.</summary>
    Accepted,

    /// <summary>A newer one is known.</summary>
    Superseded,

    /// <summary>Too old.</summary>
    TooLate,

    /// <summary>From the future.</summary>
    TooEarly,

    /// <summary>The drone has to register.</summary>
    UnknownDrone,
}
