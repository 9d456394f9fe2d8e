using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeConfirmation(World world) : Grain, IConfirmationGrain
{
    public ValueTask<string?> Get(CallerAccount caller)
    {
        var id = this.GetPrimaryKeyString();
        var isThere = caller == CallerAccount.Any || (world.Deliveries.TryGetValue(id, out var delivery) && caller.MayActFor(delivery.Plan.OwnerId));
        return ValueTask.FromResult(isThere ? world.Confirmations.GetValueOrDefault(id) : null);
    }

    public Task Keep(string blob) => throw new NotSupportedException();

    public Task Forget() => throw new NotSupportedException();
}
