namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>What can be changed while the simulator runs.</summary>
/// <param name="LatencyMilliseconds">How long every request takes at least; null to leave it.</param>
/// <param name="Throughput">Request units a second of each physical partition; 0 for no limit, null to leave it.</param>
internal sealed record SimulatorSettings(double? LatencyMilliseconds, double? Throughput)
{
    /// <summary>Changes a simulator.</summary>
    /// <exception cref="ArgumentException">A number is negative.</exception>
    public void ApplyTo(SimulatorServer server)
    {
        if (LatencyMilliseconds < 0 || Throughput < 0) throw new ArgumentException("Latency and throughput are not negative.");
        if (LatencyMilliseconds is { } latency) server.Latency = TimeSpan.FromMilliseconds(latency);
        if (Throughput is { } units) server.SetThroughput(units > 0 ? units : null);
    }
}
