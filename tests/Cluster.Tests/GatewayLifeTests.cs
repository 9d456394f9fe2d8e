using DroneDelivery.Processes;

namespace DroneDelivery;

/// <summary>A real gateway process, with and without silos.</summary>
[Collection(nameof(Processes))]
public sealed class GatewayLifeTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Gateway_told_to_stop_while_it_waits_for_silos_ends_well()
    {
        await using var silo = new SiloProcess(_data.Store);
        silo.Start();
        await silo.WaitUntilReadyAsync(Cancellation);
        await silo.StopAsync();
        await using var gateway = new GatewayProcess(_data.Store);

        gateway.Start();
        await Eventually.HoldsAsync("the gateway answers", () => gateway.IsAliveAsync(Cancellation), ServiceProcess.ReadyDeadline, Cancellation);
        Assert.False(await gateway.IsReadyAsync(Cancellation));

        await gateway.StopAsync();
    }
}
