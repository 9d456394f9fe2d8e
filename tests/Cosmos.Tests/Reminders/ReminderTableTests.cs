using DroneDelivery.Cosmos.Account;

namespace DroneDelivery.Cosmos.Reminders;

/// <summary>What Orleans expects of a reminder table.</summary>
public sealed class ReminderTableTests(AccountFixture fixture) : IClassFixture<AccountFixture>, IAsyncLifetime
{
    private ProviderHost _providers = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReminderTable Table => _providers.Reminders;

    public async ValueTask InitializeAsync()
    {
        _providers = ProviderHost.ForReminders(fixture.Account, $"{Guid.NewGuid():N}/foo");
        await Table.StartAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _providers.DisposeAsync();

    [Fact]
    public async Task Reminder_reads_as_it_was_written()
    {
        var reminder = Reminder(Grain(), "foo/bar\\#b_a_z?");

        reminder.ETag = (await Table.UpsertRow(reminder, Cancellation))!;

        AssertEqual(reminder, await Table.ReadRow(reminder.GrainId, reminder.ReminderName, Cancellation));
        AssertEqual(reminder, Assert.Single((await Table.ReadRows(reminder.GrainId, Cancellation)).Reminders));
        Assert.Null(await Table.ReadRow(reminder.GrainId, "another", Cancellation));
        Assert.Empty((await Table.ReadRows(Grain(), Cancellation)).Reminders);
    }

    [Fact]
    public async Task Upsert_replaces_whatever_is_there()
    {
        var reminder = Reminder(Grain(), "name");
        var first = await Table.UpsertRow(reminder, Cancellation);
        (reminder.StartAt, reminder.Period, reminder.ETag) = (reminder.StartAt.AddDays(1), TimeSpan.FromHours(1), "\"of some other writer\"");

        var second = await Table.UpsertRow(reminder, Cancellation);

        Assert.NotEqual(first, second);
        reminder.ETag = second!;
        AssertEqual(reminder, Assert.Single((await Table.ReadRows(reminder.GrainId, Cancellation)).Reminders));
    }

    [Fact]
    public async Task Removal_needs_the_current_etag_and_the_right_name()
    {
        var reminder = Reminder(Grain(), "name");
        var old = (await Table.UpsertRow(reminder, Cancellation))!;
        var current = (await Table.UpsertRow(reminder, Cancellation))!;

        Assert.False(await Table.RemoveRow(reminder.GrainId, reminder.ReminderName, old, Cancellation));
        Assert.False(await Table.RemoveRow(reminder.GrainId, "another", current, Cancellation));
        Assert.True(await Table.RemoveRow(reminder.GrainId, reminder.ReminderName, current, Cancellation));
        Assert.False(await Table.RemoveRow(reminder.GrainId, reminder.ReminderName, current, Cancellation));
        Assert.Null(await Table.ReadRow(reminder.GrainId, reminder.ReminderName, Cancellation));
    }

    [Fact]
    public async Task Parallel_upserts_all_succeed_with_etags_of_their_own()
    {
        for (var grain = 0; grain < 5; grain++)
        {
            var id = Grain();
            var etags = await Task.WhenAll(Enumerable.Range(1, 5).Select(number =>
            {
                var reminder = Reminder(id, "name");
                reminder.StartAt = reminder.StartAt.AddMilliseconds(number);
                return Table.UpsertRow(reminder, Cancellation);
            }));

            Assert.Equal(5, etags.Distinct().Count());
            Assert.Single((await Table.ReadRows(id, Cancellation)).Reminders);
        }
    }

    [Fact]
    public async Task Ranges_hold_the_reminders_of_their_hashes_also_around_the_end()
    {
        const int Count = 1200; // more than a page
        var grains = Enumerable.Range(0, Count).Select(_ => Grain()).ToList();
        await Parallel.ForEachAsync(grains, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (grain, token) => await Table.UpsertRow(Reminder(grain, "name"), token));
        var hashes = grains.Select(grain => grain.GetUniformHashCode()).ToList();

        Assert.Equal(Count, (await Table.ReadRows(0, 0, Cancellation)).Reminders.Count);
        Assert.Equal(Count, (await Table.ReadRows(0, uint.MaxValue, Cancellation)).Reminders.Count);
        Assert.Equal(Count, (await Table.ReadRows(7, 7, Cancellation)).Reminders.Count);
        (uint, uint)[] edges = [(hashes[0], hashes[1]), (hashes[1], hashes[0]), (hashes[2] - 1, hashes[2]), (hashes[3], hashes[3] + 1)];
        var random = Enumerable.Range(0, 20).Select(_ => ((uint)Random.Shared.NextInt64(uint.MaxValue), (uint)Random.Shared.NextInt64(uint.MaxValue)));
        foreach (var (begin, end) in edges.Concat(random))
        {
            var rows = await Table.ReadRows(begin, end, Cancellation);
            var expected = begin < end ? hashes.Where(hash => hash > begin && hash <= end) : hashes.Where(hash => hash > begin || hash <= end);
            Assert.Equal(expected.Order(), rows.Reminders.Select(row => row.GrainId.GetUniformHashCode()).Order());
        }
    }

    [Fact]
    public async Task Services_do_not_meet()
    {
        await using var other = ProviderHost.ForReminders(fixture.Account, $"{Guid.NewGuid():N}");
        await other.Reminders.StartAsync(Cancellation);
        var reminder = Reminder(Grain(), "name");
        await Table.UpsertRow(reminder, Cancellation);

        Assert.Null(await other.Reminders.ReadRow(reminder.GrainId, reminder.ReminderName, Cancellation));
        Assert.Empty((await other.Reminders.ReadRows(0, 0, Cancellation)).Reminders);
        await other.Reminders.TestOnlyClearTable(Cancellation);
        Assert.Single((await Table.ReadRows(0, 0, Cancellation)).Reminders);
    }

    [Fact]
    public async Task Clearing_removes_all_reminders()
    {
        for (var number = 0; number < 30; number++) await Table.UpsertRow(Reminder(Grain(), "name"), Cancellation);

        await Table.TestOnlyClearTable(Cancellation);

        Assert.Empty((await Table.ReadRows(0, 0, Cancellation)).Reminders);
    }

#pragma warning disable xUnit1051 // The methods without a token are still part of the interface.
    [Fact]
    public async Task Methods_without_a_token_do_the_same()
    {
        var reminder = Reminder(Grain(), "name");
        reminder.ETag = (await Table.UpsertRow(reminder))!;

        AssertEqual(reminder, await Table.ReadRow(reminder.GrainId, reminder.ReminderName));
        AssertEqual(reminder, Assert.Single((await Table.ReadRows(reminder.GrainId)).Reminders));
        AssertEqual(reminder, Assert.Single((await Table.ReadRows(0, 0)).Reminders));
        Assert.True(await Table.RemoveRow(reminder.GrainId, reminder.ReminderName, reminder.ETag));
        await Table.TestOnlyClearTable();
    }
#pragma warning restore xUnit1051

    private static GrainId Grain() => GrainId.Create(GrainType.Create("remindable"), GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid(), "foo/bar\\#baz?"));

    private static ReminderEntry Reminder(GrainId grain, string name) => new()
    {
        GrainId = grain,
        ReminderName = name,
        StartAt = new(2031, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc),
        Period = TimeSpan.FromMinutes(1),
    };

    private static void AssertEqual(ReminderEntry expected, ReminderEntry? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.GrainId, actual.GrainId);
        Assert.Equal(expected.ReminderName, actual.ReminderName);
        Assert.Equal(expected.StartAt, actual.StartAt);
        Assert.Equal(expected.Period, actual.Period);
        Assert.Equal(expected.ETag, actual.ETag);
    }
}
