using DroneDelivery.Notifications;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeOwnerNotifications(World world) : Grain, IOwnerNotificationsGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices) => throw new NotSupportedException();

    public Task Forget(string deliveryId) => throw new NotSupportedException();

    public Task Erase() => throw new NotSupportedException();

    public Task<CommandResult> AddWebhook(CommandId command, string webhookId, WebhookSettings settings, string secret, bool paused) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (world.Webhooks.Keys.Count(key => SubscriptionKey.Split(key).OwnerId == Id) >= 3) return CommandResult.Conflict("An owner has no more than 3 webhooks.");
        var health = new SubscriptionHealth(Id, webhookId, paused ? SubscriptionStatus.Paused : SubscriptionStatus.Active, 0, null, null, null, 0, 0);
        world.Webhooks[SubscriptionKey.OfWebhook(Id, webhookId)] = (new SubscriptionSnapshot(settings, health, DateTimeOffset.UtcNow, null, null), secret);
        return CommandResult.Created;
    }));

    public Task<CommandResult> RemoveWebhook(string webhookId, CommandId command) =>
        Task.FromResult(world.Webhooks.TryRemove(SubscriptionKey.OfWebhook(Id, webhookId), out _) ? CommandResult.Done : CommandResult.NotFound);

    public ValueTask<IReadOnlyList<string>> ListWebhooks() => ValueTask.FromResult<IReadOnlyList<string>>(
        [.. world.Webhooks.Keys.Select(SubscriptionKey.Split).Where(key => key.OwnerId == Id).Select(key => key.Id).Order(StringComparer.Ordinal)]);
}

internal sealed class FakeSubscription(World world) : Grain, ISubscriptionGrain
{
    private string Key => this.GetPrimaryKeyString();

    public ValueTask<SubscriptionSnapshot?> Get() => ValueTask.FromResult(world.Webhooks.TryGetValue(Key, out var known) ? known.Webhook : null);

    public Task<CommandResult> Change(CommandId command, WebhookChange change) => world.Webhooks.TryGetValue(Key, out var known) && Precondition.Refusal(this.GetGrainId(), known.Webhook.Version) is { } unmet ? Task.FromResult(unmet) : Change(command, webhook => webhook with
    {
        Settings = new(change.Url ?? webhook.Settings.Url, change.Kinds ?? webhook.Settings.Kinds, change.Description ?? webhook.Settings.Description),
        Health = webhook.Health with { Status = change.Paused == true ? SubscriptionStatus.Paused : SubscriptionStatus.Active },
    });

    public Task<CommandResult> Rotate(CommandId command, string secret, DateTimeOffset oldUntil) => Change(command, webhook => webhook with { OldSecretUntil = oldUntil }, secret);

    public ValueTask<string?> GetSecret(CommandId madeBy) => ValueTask.FromResult(world.Webhooks.TryGetValue(Key, out var known) ? known.Secret : null);

    public Task<CommandResult> Resume(CommandId command) => Change(command, webhook => webhook with { Health = webhook.Health with { Status = SubscriptionStatus.Active } });

    public Task<WebhookTest?> Test() => Task.FromResult(world.Webhooks.ContainsKey(Key) ? new WebhookTest(false, "It answered 500.") : null);

    public Task<CommandResult> Create(CommandId command, WebhookSettings settings, string secret, bool paused) => throw new NotSupportedException();

    public Task Delete() => throw new NotSupportedException();

    public Task Forget(string deliveryId) => throw new NotSupportedException();

    public Task Enqueue(IReadOnlyList<DeliveryNotice> notices) => throw new NotSupportedException();

    public Task<CommandResult> Miss(CommandId command, long events) => throw new NotSupportedException();

    public Task<SubscriptionHealth?> Wake() => throw new NotSupportedException();

    private Task<CommandResult> Change(CommandId command, Func<SubscriptionSnapshot, SubscriptionSnapshot> change, string? secret = null) => Task.FromResult(world.Once(Key, command, () =>
    {
        if (!world.Webhooks.TryGetValue(Key, out var known)) return CommandResult.NotFound;
        world.Webhooks[Key] = (change(known.Webhook), secret ?? known.Secret);
        return CommandResult.Done;
    }));
}

internal sealed class FakeSubscriptionWatch(World world) : Grain, ISubscriptionWatchGrain
{
    public ValueTask<IReadOnlyList<SubscriptionHealth>> List() => ValueTask.FromResult<IReadOnlyList<SubscriptionHealth>>(
        [.. world.Webhooks.Where(entry => SubscriptionShards.Of(GrainId.Create("subscription", entry.Key)) == this.GetPrimaryKeyLong()).Select(entry => entry.Value.Webhook.Health)]);

    public Task Watch(string subscription) => throw new NotSupportedException();

    public Task Forget(string subscription) => throw new NotSupportedException();

    public Task Lose(string subscription, long events) => throw new NotSupportedException();

    public Task Report(string subscription, SubscriptionHealth health) => throw new NotSupportedException();

    public Task Wake() => throw new NotSupportedException();
}
