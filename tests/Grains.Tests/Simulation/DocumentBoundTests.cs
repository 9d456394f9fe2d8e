using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>Documents that many share stay below half of what Cosmos DB takes, and what finds no room is refused or kept elsewhere.</summary>
public sealed class DocumentBoundTests
{
    private const int Megabyte = 1_000_000;
    private static readonly string LongText = new('漢', 1_000);

    private readonly ScriptedCluster _cluster = new();

    [Fact]
    public void Shard_refuses_what_has_no_room_and_shows_what_waits_for_an_operator_all_the_same()
    {
        var shard = _cluster.Grains.GetGrain<ISupervisorGrain>(0);
        var (accepted, far) = (0, _cluster.Now.AddDays(1));
        for (var number = 0; number < 5_000; number++)
        {
            var registered = shard.Register($"{number:D128}", far);
            if (number % 500 == 499) _cluster.Cluster.RunAll();
            _ = registered.ContinueWith(task => accepted += task.Result ? 1 : 0, TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        _cluster.Cluster.RunAll();
        Assert.InRange(accepted, 3_000, 4_999);
        for (var number = 0; number < accepted; number++) _ = shard.Postpone($"{number:D128}", new Watch(far, RequestFlag.DeadLetter, LongText, _cluster.Now));
        _cluster.Cluster.RunAll();
        Assert.InRange(Bytes<ISupervisorGrain>(0), Megabyte / 2, Megabyte);
        Assert.Equal(accepted, _cluster.Do(shard.ListFlagged(RequestFlag.DeadLetter)).Count);
    }

    [Fact]
    public void Shard_of_usual_ids_takes_as_many_as_are_configured()
    {
        var shard = _cluster.Grains.GetGrain<ISupervisorGrain>(0);
        var all = Enumerable.Range(0, 5_000).Select(number => shard.Register($"{number:D36}", _cluster.Now.AddDays(1))).ToList();
        _cluster.Cluster.RunAll();
        Assert.All(all, registered => Assert.True(registered.IsCompletedSuccessfully && registered.Result));
        Assert.False(_cluster.Do(shard.Register("one more", _cluster.Now)));
    }

    [Fact]
    public void Partner_refuses_orders_that_have_no_room()
    {
        var partner = _cluster.Grains.GetGrain<ITransportPartnerGrain>("partner");
        var place = new Place(new string('漢', 500), default);
        var booked = Enumerable.Range(0, 600)
            .Select(number => partner.Book(new PartnerOrder($"{number:D128}", 1, place, place, 1, PackageSize.Small, _cluster.Now, null)))
            .ToList();
        _cluster.Cluster.RunAll();
        _cluster.Pass(TimeSpan.FromMinutes(1));
        Assert.Contains(booked, order => order.IsCompletedSuccessfully && order.Result.Status == PartnerStatus.Refused);
        Assert.InRange(Bytes<ITransportPartnerGrain>("partner"), Megabyte / 2, Megabyte);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Day_of_very_many_confirmations_goes_on_in_another_document_and_is_swept_whole()
    {
        var key = ConfirmationDays.Key(new DateOnly(2026, 1, 1), 0);
        var day = _cluster.Grains.GetGrain<IConfirmationDayGrain>(key);
        for (var number = 0; number < 8_000; number++)
        {
            _ = day.Add($"{number:D128}");
            if (number % 1_000 == 999) _cluster.Cluster.RunAll();
        }

        _cluster.Cluster.Kill(SimulatedCluster.Id<IConfirmationDayGrain>(key));
        Assert.InRange(Bytes<IConfirmationDayGrain>(key), Megabyte / 2, Megabyte);
        Assert.True(_cluster.Cluster.Stores.Find<ConfirmationDayState>(SimulatedCluster.Id<IConfirmationDayGrain>($"{key}+"))!.Deliveries.Count > 100);

        var sweeps = 0;
        while (!_cluster.Do(day.Sweep(1_000))) Assert.InRange(++sweeps, 1, 20);
        Assert.Empty(_cluster.Cluster.Stores.All<ConfirmationDayState>());
    }

    [Fact]
    public void Largest_account_ledger_and_archiver_fit()
    {
        var ids = Enumerable.Range(0, 2_025).Select(number => $"{number:D128}").ToList();
        object[] largest =
        [
            new AccountState { Open = ids.Take(AccountLimits.MaxOpenRequests).ToDictionary(id => id, _ => 0.12345678901234567), Released = [.. ids.Take(64)] },
            new LedgerState { Deliveries = [.. ids.Take((2 * LedgerState.Capacity) - 1)] },
            new ArchiverState { Waiting = ids },
        ];
        Assert.All(largest, state => Assert.InRange(new GrainStateSerializer().Serialize(state).ToMemory().Length, 100_000, Megabyte));
    }

    [Fact]
    public void Words_of_operators_and_partners_are_cut_where_they_are_kept()
    {
        _cluster.Register();
        _cluster.Do(_cluster.Drone().SetMaintenance(_cluster.Command(), LongText + LongText));
        Assert.InRange(Bytes<IDroneGrain>("drone"), 3_000, 6_000);
    }

    private int Bytes<T>(string key) => _cluster.Cluster.Stores.Documents[SimulatedCluster.Id<T>(key)].Json.Length;

    private int Bytes<T>(long key) => _cluster.Cluster.Stores.Documents[SimulatedCluster.Id<T>(key)].Json.Length;
}
