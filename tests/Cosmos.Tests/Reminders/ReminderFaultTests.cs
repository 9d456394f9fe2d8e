using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.Cosmos.Reminders;

/// <summary>The reminder table when requests fail.</summary>
[Trait("Needs", "Simulator")]
[Trait("Category", "Slow")]
public sealed class ReminderFaultTests : IAsyncLifetime
{
    private TestAccount _account = null!;
    private ProviderHost _providers = null!;

    public static TheoryData<string, bool, bool> Faults => FaultCases.All();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReminderTable Table => _providers.Reminders;

    public async ValueTask InitializeAsync() => _account = await TestAccount.SimulatedAsync();

    public async ValueTask DisposeAsync()
    {
        if (_providers is not null) await _providers.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Upsert_is_made_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var reminder = Reminder();
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.UpsertItem));

        var outcome = await OutcomeAsync(async () => (reminder.ETag = (await Table.UpsertRow(reminder, Cancellation))!) is not null);

        _account.Faults.Clear();
        var rows = (await Table.ReadRows(0, 0, Cancellation)).Reminders;
        Assert.NotEqual("False", outcome);
        if (outcome is "True") Assert.Equal(reminder.ETag, Assert.Single(rows).ETag);
        await Table.UpsertRow(reminder, Cancellation);
        Assert.Single((await Table.ReadRows(0, 0, Cancellation)).Reminders);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Removal_is_made_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var reminder = Reminder();
        var etag = (await Table.UpsertRow(reminder, Cancellation))!;
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.DeleteItem));

        var outcome = await OutcomeAsync(() => Table.RemoveRow(reminder.GrainId, reminder.ReminderName, etag, Cancellation));

        _account.Faults.Clear();
        Assert.NotEqual("False", outcome);
        if (outcome is "True") Assert.Null(await Table.ReadRow(reminder.GrainId, reminder.ReminderName, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Reading_is_complete_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var reminder = Reminder();
        await Table.UpsertRow(reminder, Cancellation);
        foreach (var operation in new[] { RequestKind.ReadItem, RequestKind.QueryItems })
        {
            foreach (var read in new Func<Task<bool>>[]
            {
                async () => (await Table.ReadRows(0, 0, Cancellation)).Reminders.Count is 1,
                async () => (await Table.ReadRows(reminder.GrainId, Cancellation)).Reminders.Count is 1,
                async () => await Table.ReadRow(reminder.GrainId, reminder.ReminderName, Cancellation) is not null,
            })
            {
                _account.Faults.Replace([FaultCases.Named(fault, lasting).On(operation)]);
                Assert.NotEqual("False", await OutcomeAsync(read));
            }
        }
    }

    private static ReminderEntry Reminder() => new()
    {
        GrainId = GrainId.Create("remindable", Guid.NewGuid().ToString("N")),
        ReminderName = "name",
        StartAt = DateTime.UtcNow,
        Period = TimeSpan.FromMinutes(1),
    };

    private static async Task<string> OutcomeAsync(Func<Task<bool>> call)
    {
        try
        {
            return $"{await call()}";
        }
        catch (OrleansException fault)
        {
            return fault.Message;
        }
    }

    private async Task StartAsync(bool repeats, bool lasting)
    {
        _providers = ProviderHost.ForReminders(_account, "service", options =>
        {
            options.LimitToEndpoint = !repeats;
            options.MaxThrottlingRetries = 3;
            options.OperationTimeout = TimeSpan.FromSeconds(lasting ? 5 : 30);
        });
        await Table.StartAsync(Cancellation);
    }
}
