namespace DroneDelivery.FleetSimulator.Station;

/// <summary>What an exchange needs of the station when it is applied.</summary>
internal interface IGroundStation
{
    /// <summary>Wall clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>A report was taken in.</summary>
    void CountReport();

    /// <summary>The gateway refused something.</summary>
    void CountError(string sentence);

    /// <summary>Asks no sooner than one interval from now.</summary>
    void Postpone(DroneLink link);
}
