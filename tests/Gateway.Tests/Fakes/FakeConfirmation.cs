using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeConfirmation(World world) : Grain, IConfirmationGrain
{
    public ValueTask<string?> Get() => ValueTask.FromResult(world.Confirmations.GetValueOrDefault(this.GetPrimaryKeyString()));

    public Task Keep(string blob) => throw new NotSupportedException();

    public Task Forget() => throw new NotSupportedException();
}
