using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>
/// Some questions to the gateway and their answers. Asked outside the loop that flies the drones; applied inside it.
/// </summary>
/// <param name="links">Whom it is about.</param>
internal abstract class Exchange(IReadOnlyList<DroneLink> links)
{
    /// <summary>Whom it is about.</summary>
    public IReadOnlyList<DroneLink> Links => links;

    /// <summary>Why it, or the rest of it, failed; null: it did not.</summary>
    public GatewayException? Failure { get; private set; }

    /// <summary>Asks; failures end in <see cref="Failure"/>, also when cancelled.</summary>
    public async Task RunAsync(GatewayClient gateway, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(gateway, cancellationToken);
        }
        catch (GatewayException failure)
        {
            Failure = failure;
        }
        catch (OperationCanceledException)
        {
            Failure = new GatewayException("the simulator stops");
        }
    }

    /// <summary>Tells the drones what was answered before any failure.</summary>
    public abstract void Apply(IGroundStation station);

    /// <summary>Asks.</summary>
    protected abstract Task AskAsync(GatewayClient gateway, CancellationToken cancellationToken);
}
