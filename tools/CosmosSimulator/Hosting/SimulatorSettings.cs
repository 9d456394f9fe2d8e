namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>What can be changed while the simulator runs.</summary>
/// <param name="LatencyMilliseconds">How long every request takes at least; null to leave it.</param>
/// <param name="Throughput">Request units a second of each physical partition; 0 for no limit, null to leave it.</param>
/// <param name="ReplicaLagMilliseconds">How far replicas lag that answer reads of Session consistency and less; null to leave it.</param>
internal sealed record SimulatorSettings(double? LatencyMilliseconds, double? Throughput, double? ReplicaLagMilliseconds)
{
    /// <summary>Changes a simulator.</summary>
    /// <exception cref="ArgumentException">A number is negative.</exception>
    public void ApplyTo(SimulatorServer server)
    {
        if (LatencyMilliseconds < 0 || Throughput < 0 || ReplicaLagMilliseconds < 0) throw new ArgumentException("Latency, throughput and lag are not negative.");
        if (LatencyMilliseconds is { } latency) server.Latency = TimeSpan.FromMilliseconds(latency);
        if (ReplicaLagMilliseconds is { } lag) server.ReplicaLag = TimeSpan.FromMilliseconds(lag);
        if (Throughput is { } units) server.SetThroughput(units > 0 ? units : null);
    }
}
