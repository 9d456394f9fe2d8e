using DroneDelivery.Erasure;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeErasure(World world) : Grain, IOwnerErasureGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Begin()
    {
        if (world.Requests.Values.FirstOrDefault(request => request.Order.OwnerId == Id && request.Status is RequestStatus.Waiting or RequestStatus.Scheduled) is { } open)
            return Task.FromResult(CommandResult.Conflict($"Delivery '{open.DeliveryId}' is open; cancel it, or wait until it has ended."));
        world.Erasures.TryAdd(Id, new ErasureProgress(Id, DateTimeOffset.UtcNow, null, 0, 0));
        return Task.FromResult(CommandResult.Done);
    }

    public ValueTask<ErasureProgress?> Get() => ValueTask.FromResult(world.Erasures.GetValueOrDefault(Id));
}
