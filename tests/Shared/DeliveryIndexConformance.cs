using DroneDelivery.Queries;

namespace DroneDelivery;

/// <summary>What every delivery index has to do, whatever its store. Each test works with owners of its own.</summary>
public abstract class DeliveryIndexConformance
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The index as one process sees it; called again, as another process does.</summary>
    protected abstract IDeliveryIndex Open();

    [Fact]
    public async Task Row_is_read_as_it_was_written()
    {
        var row = Row("d1", version: 3, stage: DeliveryStage.HeadedToDropoff, changed: Noon.AddTicks(1)) with { RequestedAt = Noon.AddHours(-1) };
        await Open().Upsert(row, Cancellation);

        Assert.Equal([row], (await Open().Query(new(_owner), Cancellation)).Deliveries);
    }

    [Fact]
    public async Task Time_of_another_offset_is_the_same_time()
    {
        await Open().Upsert(Row("d1", changed: Noon.ToOffset(TimeSpan.FromHours(9))), Cancellation);

        Assert.Equal(["d1"], await Ids(new(_owner, From: Noon.ToOffset(TimeSpan.FromHours(-5)), To: Noon.AddTicks(1))));
    }

    [Fact]
    public async Task Deleted_row_is_gone_and_others_stay()
    {
        var index = Open();
        await index.Upsert(Row("d1"), Cancellation);
        await index.Upsert(Row("d2"), Cancellation);
        await index.Delete(_owner, "d1", Cancellation);
        await index.Delete(_owner, "d1", Cancellation);
        await index.Delete(_owner + "-other", "d2", Cancellation);

        Assert.Equal(["d2"], await Ids(new(_owner)));

        await index.Upsert(Row("d1", version: 7), Cancellation);
        Assert.Equal(["d1", "d2"], (await Ids(new(_owner))).Order());
    }

    [Fact]
    public async Task Higher_version_replaces_the_whole_row()
    {
        var index = Open();
        await index.Upsert(Row("d1", version: 1), Cancellation);
        var newer = Row("d1", version: 2, stage: DeliveryStage.Completed, changed: Noon.AddHours(1)) with { RequestedAt = Noon.AddHours(-1) };
        await index.Upsert(newer, Cancellation);

        Assert.Equal([newer], (await index.Query(new(_owner), Cancellation)).Deliveries);
    }

    [Theory]
    [InlineData(DeliveryIndexVersions.Accepted)]
    [InlineData(DeliveryIndexVersions.EndedUnshipped)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Lower_or_equal_version_changes_nothing(long version)
    {
        var index = Open();
        var known = Row("d1", version: 5, stage: DeliveryStage.HeadedToPickup);
        await index.Upsert(known, Cancellation);
        await index.Upsert(Row("d1", version: version, stage: DeliveryStage.Cancelled, changed: Noon.AddHours(1)), Cancellation);

        Assert.Equal([known], (await index.Query(new(_owner), Cancellation)).Deliveries);
    }

    [Fact]
    public async Task Whatever_the_order_the_highest_version_stays()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var index = Open();
        for (var round = 0; round < 10; round++)
        {
            var id = $"d{round}";
            var versions = Enumerable.Range(1, 5).SelectMany(version => new[] { version, version }).ToArray();
            random.Shuffle(versions);
            foreach (var version in versions) await index.Upsert(Row(id, version, changed: Noon.AddMinutes(version)), Cancellation);
        }

        var rows = (await index.Query(new(_owner), Cancellation)).Deliveries;
        Assert.Equal(10, rows.Count);
        Assert.All(rows, row => Assert.True(row == Row(row.DeliveryId, 5, changed: Noon.AddMinutes(5)), $"{row}, seed {seed}"));
    }

    [Fact]
    public async Task Writers_at_once_end_with_the_highest_version()
    {
        const int Writers = 20;
        IDeliveryIndex[] processes = [Open(), Open()];
        await Task.WhenAll(Enumerable.Range(1, Writers).Select(version => Task.Run(
            async () =>
            {
                for (var delivery = 0; delivery < 5; delivery++)
                    await processes[version % 2].Upsert(Row($"d{delivery}", version, changed: Noon.AddMinutes(version)), Cancellation);
            },
            Cancellation)));

        var rows = (await processes[0].Query(new(_owner), Cancellation)).Deliveries;
        Assert.Equal(Enumerable.Range(0, 5).Select(delivery => $"d{delivery}"), rows.Select(row => row.DeliveryId).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal((Writers, Noon.AddMinutes(Writers)), (row.Version, row.ChangedAt)));
    }

    [Fact]
    public async Task Rows_are_found_by_stage_and_half_open_time_newest_first()
    {
        var index = Open();
        for (var minute = 0; minute < 6; minute++)
        {
            var stage = minute % 2 == 0 ? DeliveryStage.Completed : DeliveryStage.Cancelled;
            await index.Upsert(Row($"d{minute}", stage: stage, changed: Noon.AddMinutes(minute)), Cancellation);
        }

        Assert.Equal(["d5", "d4", "d3", "d2", "d1", "d0"], await Ids(new(_owner)));
        Assert.Equal(["d4", "d2", "d0"], await Ids(new(_owner, DeliveryStage.Completed)));
        Assert.Equal(["d3", "d2"], await Ids(new(_owner, From: Noon.AddMinutes(2), To: Noon.AddMinutes(4))));
        Assert.Equal(["d4", "d3", "d2"], await Ids(new(_owner, From: Noon.AddMinutes(2), To: Noon.AddMinutes(4).AddTicks(1))));
        Assert.Equal(["d3"], await Ids(new(_owner, DeliveryStage.Cancelled, Noon.AddMinutes(1).AddTicks(1), Noon.AddMinutes(5))));
        Assert.Empty(await Ids(new(_owner, DeliveryStage.Rescheduled)));
        Assert.Empty(await Ids(new(_owner, From: Noon.AddMinutes(4), To: Noon.AddMinutes(4))));
    }

    [Fact]
    public async Task Row_that_changed_is_no_longer_found_where_it_was()
    {
        var index = Open();
        await index.Upsert(Row("d1", 1, DeliveryStage.Created), Cancellation);
        await index.Upsert(Row("d1", 2, DeliveryStage.Completed, Noon.AddDays(1)), Cancellation);

        Assert.Empty(await Ids(new(_owner, DeliveryStage.Created)));
        Assert.Empty(await Ids(new(_owner, To: Noon.AddHours(1))));
        Assert.Equal(["d1"], await Ids(new(_owner, DeliveryStage.Completed, Noon.AddDays(1))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Pages_give_every_row_once_also_rows_of_the_same_instant(int limit)
    {
        var index = Open();
        for (var number = 0; number < 12; number++) await index.Upsert(Row($"d{number:00}", changed: Noon.AddMinutes(number / 5)), Cancellation);

        var (ids, pages) = await Walk(index, new(_owner, Limit: limit));
        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(number => $"d{number:00}"), ids);
        Assert.Equal((12 + limit - 1) / limit, pages);
    }

    [Fact]
    public async Task Pages_stay_in_place_while_rows_are_added_and_changed()
    {
        var index = Open();
        for (var number = 0; number < 10; number++) await index.Upsert(Row($"d{number}", changed: Noon.AddMinutes(number)), Cancellation);

        var added = 0;
        var (ids, _) = await Walk(index, new(_owner, Limit: 3), async page =>
        {
            // One is new, one that was read moves to the front, and the oldest moves there unread.
            await index.Upsert(Row($"new{added}", changed: Noon.AddHours(1 + added)), Cancellation);
            await index.Upsert(Row(page.Deliveries[0].DeliveryId, 2 + added, changed: Noon.AddHours(2)), Cancellation);
            await index.Upsert(Row($"d{added}", 10, changed: Noon.AddHours(3)), Cancellation);
            added++;
        });

        Assert.Equal(["d9", "d8", "d7", "d6", "d5", "d4", "d3", "d2"], ids);
        Assert.Equal(2, added);
    }

    [Fact]
    public async Task Position_survives_the_row_it_names()
    {
        var index = Open();
        for (var number = 0; number < 4; number++) await index.Upsert(Row($"d{number}", changed: Noon.AddMinutes(number)), Cancellation);
        var first = await index.Query(new(_owner, Limit: 2), Cancellation);
        await index.Upsert(Row("d2", 2, changed: Noon.AddHours(1)), Cancellation);

        Assert.True(DeliveryIndexPosition.TryParse(first.Next!.ToString(), out var next));
        Assert.Equal(["d1", "d0"], await Ids(new(_owner, After: next)));
    }

    [Fact]
    public async Task Owners_see_their_own_rows_only_and_share_no_row()
    {
        var index = Open();
        var other = _owner + "x";
        var mine = Row("d1", 9, DeliveryStage.Completed);
        await index.Upsert(mine, Cancellation);
        await index.Upsert(Row("d1", 1) with { OwnerId = other }, Cancellation);
        await index.Upsert(Row("d2", 1) with { OwnerId = other }, Cancellation);

        Assert.Equal([mine], (await index.Query(new(_owner), Cancellation)).Deliveries);
        Assert.Equal(["d2", "d1"], await Ids(new(other)));
        Assert.Empty(await Ids(new(_owner[..^1])));
        Assert.Empty(await Ids(new(_owner.ToUpperInvariant())));
    }

    [Fact]
    public async Task Without_an_owner_rows_of_all_are_given_in_order_page_by_page()
    {
        var index = Open();
        // A span of time no other test writes to.
        var start = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(Random.Shared.Next(100_000_000));
        for (var number = 0; number < 9; number++)
            await index.Upsert(Row($"d{number}", changed: start.AddTicks(number)) with { OwnerId = $"{_owner}-{number % 4}" }, Cancellation);

        var (ids, pages) = await Walk(index, new(null, DeliveryStage.Created, start, start.AddTicks(9), Limit: 2));
        Assert.Equal(Enumerable.Range(0, 9).Reverse().Select(number => $"d{number}"), ids);
        Assert.Equal(5, pages);
        Assert.Empty(await Ids(new(null, DeliveryStage.Completed, start, start.AddTicks(9))));
    }

    [Fact]
    public async Task Ids_of_every_kind_name_rows_of_their_own()
    {
        var index = Open();
        string[] ids =
        [
            "a", "A", "a ", " a", "a.", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a%2Fb", "a%b", "a_b", "a~b", "a~0b", "a~002Fb", "a|b", "a:b", "a+b", "a=b&c",
            "a'b", "a\"b", "' OR 1=1 --", "\"); DROP TABLE DeliveryIndex; --", "{\"a\":1}", "a\tb", "a\nb", "ä", "a\u0308", "日本", "🚁", new string('x', 128),
        ];
        foreach (var id in ids) await index.Upsert(Row(id, 2), Cancellation);
        foreach (var id in ids) await index.Upsert(Row(id, 1, DeliveryStage.Cancelled), Cancellation);
        foreach (var owner in ids) await index.Upsert(Row("d", 1) with { OwnerId = _owner + owner }, Cancellation);

        var (read, _) = await Walk(index, new(_owner, Limit: 7));
        Assert.Equal(ids.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
        foreach (var owner in ids)
            Assert.Equal(_owner + owner, Assert.Single((await index.Query(new(_owner + owner), Cancellation)).Deliveries).OwnerId);
    }

    private DeliveryIndexEntry Row(string id, long version = 1, DeliveryStage stage = DeliveryStage.Created, DateTimeOffset? changed = null) =>
        new(id, _owner, version, stage, Noon, (changed ?? Noon).ToUniversalTime());

    private async Task<IEnumerable<string>> Ids(DeliveryIndexQuery query) =>
        (await Open().Query(query, Cancellation)).Deliveries.Select(row => row.DeliveryId);

    private static async Task<(List<string> Ids, int Pages)> Walk(IDeliveryIndex index, DeliveryIndexQuery query, Func<DeliveryIndexPage, Task>? between = null)
    {
        var (ids, pages) = (new List<string>(), 0);
        while (true)
        {
            var page = await index.Query(query, Cancellation);
            pages++;
            Assert.InRange(page.Deliveries.Count, pages == 1 ? 0 : 1, query.Limit);
            ids.AddRange(page.Deliveries.Select(row => row.DeliveryId));
            if (page.Next is null) return (ids, pages);
            if (between is not null) await between(page);
            query = query with { After = page.Next };
            Assert.True(pages < 1_000, "The pages never end.");
        }
    }
}
