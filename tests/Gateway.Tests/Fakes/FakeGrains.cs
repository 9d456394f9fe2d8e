using DroneDelivery.Accounts;
using DroneDelivery.Invoicing;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeOwnerLedger(World world) : Grain, IOwnerLedgerGrain
{
    public Task Record(CompletedDelivery delivery) => throw new NotSupportedException();

    public Task Anonymize() => throw new NotSupportedException();

    public ValueTask<LedgerTotals> Get() => ValueTask.FromResult(world.Ledgers.GetValueOrDefault(this.GetPrimaryKeyString()) ?? LedgerTotals.Zero);
}

internal sealed class FakePackage(World world) : Grain, IPackageGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Put(CommandId command, string ownerId, PackageDetails details) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (Refusal() is { } unmet) return unmet;
        if (world.Packages.TryGetValue(Id, out var known) && known.OwnerId != ownerId) return CommandResult.Conflict("It belongs to another account.");
        world.Packages[Id] = new PackageSnapshot(Id, ownerId, details);
        return known is null ? CommandResult.Created : CommandResult.Done;
    }));

    public Task<CommandResult> Make(CommandId command, string ownerId, PackageDetails details) => Task.FromResult(world.Once(Id, command, () =>
        world.Packages.TryAdd(Id, new PackageSnapshot(Id, ownerId, details)) ? CommandResult.Created : CommandResult.Exists));

    public Task<CommandResult> Patch(CommandId command, string? ownerId, PackageChange change) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (!world.Packages.TryGetValue(Id, out var known) || (ownerId is not null && ownerId != known.OwnerId)) return CommandResult.NotFound;
        if (Refusal() is { } unmet) return unmet;
        world.Packages[Id] = known with
        {
            Details = new PackageDetails(change.Size ?? known.Details.Size, change.Weight ?? known.Details.Weight, change.Tag ?? known.Details.Tag),
        };
        return CommandResult.Done;
    }));

    public Task Erase(string ownerId) => throw new NotSupportedException();

    public ValueTask<PackageSnapshot?> Get() => ValueTask.FromResult(world.Packages.GetValueOrDefault(Id));

    private CommandResult? Refusal() => world.Packages.TryGetValue(Id, out var now) ? Precondition.Refusal(this.GetGrainId(), now.Version) : Precondition.Refusal(this.GetGrainId());
}

internal sealed class FakeAccount(World world) : Grain, IAccountGrain
{
    private string Id => this.GetPrimaryKeyString();

    public ValueTask<AccountSnapshot> Get() => ValueTask.FromResult(Account);

    public Task<CommandResult> SetStanding(CommandId command, AccountStanding standing, string? reason) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (Precondition.Refusal(this.GetGrainId(), Account.Version) is { } unmet) return unmet;
        world.Accounts[Id] = Account with { Standing = standing, Reason = reason };
        return CommandResult.Done;
    }));

    public Task<CommandResult> SetLimits(CommandId command, AccountLimits limits) => Task.FromResult(world.Once(Id, command, () =>
    {
        world.Accounts[Id] = Account with { Limits = limits == AccountLimits.None ? null : limits };
        return CommandResult.Done;
    }));

    public Task<Admission> Admit(string deliveryId, double weight) => throw new NotSupportedException();

    public Task Release(string deliveryId) => throw new NotSupportedException();

    public Task Erase(string reason) => throw new NotSupportedException();

    private AccountSnapshot Account => world.Accounts.GetValueOrDefault(Id) ?? new AccountSnapshot(Id, AccountStanding.Active, null);
}

internal sealed class FakeSupervisor(World world) : Grain, ISupervisorGrain
{
    public ValueTask<IReadOnlyList<FlaggedRequest>> ListFlagged(RequestFlag flag)
    {
        var status = flag == RequestFlag.DeadLetter ? RequestStatus.DeadLettered : RequestStatus.Incident;
        return ValueTask.FromResult<IReadOnlyList<FlaggedRequest>>(
            [.. world.Requests.Values.Where(request => request.Status == status && Shard(request.DeliveryId) == this.GetPrimaryKeyLong())
                .Select(request => new FlaggedRequest(request.DeliveryId, flag, request.Reason, request.UpdatedAt, request.Order.OwnerId))]);
    }

    public Task<bool> Register(string deliveryId, DateTimeOffset due, string? ownerId) => throw new NotSupportedException();

    public Task Postpone(string deliveryId, Watch watch) => throw new NotSupportedException();

    public Task Wake() => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SupervisedRequest>> List() => throw new NotSupportedException();

    public ValueTask<bool> Watches(string deliveryId) => throw new NotSupportedException();

    private static int Shard(string deliveryId) => SupervisorShards.Of(GrainId.Create("delivery-request", deliveryId));
}

internal sealed class FakeDeadLetterReplay(World world) : Grain, IDeadLetterReplayGrain
{
    public async Task<ReplayResult> Replay(CommandId command, DeadLetterFilter filter, string note)
    {
        if (world.Once("replays", command, () => CommandResult.Done) is { Succeeded: false } other) return new(other, 0, 0, [], false);
        if (world.Replays.TryGetValue(command, out var known)) return known;
        var shards = await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count).Select(shard => GrainFactory.GetGrain<ISupervisorGrain>(shard).ListFlagged(RequestFlag.DeadLetter).AsTask()));
        var fitting = shards.SelectMany(shard => shard).Where(filter.Fits).OrderBy(request => request.Since).ToList();
        foreach (var request in fitting.Take(filter.Limit)) await GrainFactory.GetGrain<IDeliveryRequestGrain>(request.DeliveryId).Replay(new CommandId($"{command}/{request.DeliveryId}"), note);
        return world.Replays[command] = new(CommandResult.Done, Math.Min(fitting.Count, filter.Limit), 0, [], fitting.Count > filter.Limit);
    }
}

internal sealed class FakePartner(World world) : Grain, ITransportPartnerGrain
{
    public Task<CommandResult> Notice(PartnerReport report)
    {
        if (!report.DeliveryId.StartsWith("partnered", StringComparison.Ordinal)) return Task.FromResult(CommandResult.NotFound);
        world.PartnerReports[$"{this.GetPrimaryKeyString()}/{report.DeliveryId}/{report.Attempt}"] = report;
        return Task.FromResult(CommandResult.Done);
    }

    public Task<PartnerOrderSnapshot> Book(PartnerOrder order) => throw new NotSupportedException();

    public Task<CommandResult> Cancel(string deliveryId, int attempt) => throw new NotSupportedException();

    public ValueTask<PartnerOrderSnapshot?> Get(string deliveryId, int attempt) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PartnerOrderSnapshot>> List() => throw new NotSupportedException();
}
