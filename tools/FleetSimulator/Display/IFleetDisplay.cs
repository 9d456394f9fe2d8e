namespace DroneDelivery.FleetSimulator.Display;

/// <summary>Where the user sees the fleet.</summary>
internal interface IFleetDisplay
{
    /// <summary>Something happened.</summary>
    void Write(DateTimeOffset time, string sentence);

    /// <summary>How things stand; called about twice a second.</summary>
    void Show(FleetView view);
}
