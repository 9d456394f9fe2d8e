using DroneDelivery.Processes;
using DroneDelivery.Queries;
using DroneDelivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Storage;

/// <summary>The delivery index in the local store.</summary>
public sealed class SqliteDeliveryIndexTests : DeliveryIndexConformance, IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private readonly List<SqliteStore> _stores = [];

    public async ValueTask InitializeAsync()
    {
        using var store = new SqliteStore(new() { Path = _data.Store });
        await new SqliteSchema(store).RunAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var store in _stores) store.Dispose();
        SqliteConnection.ClearAllPools();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override IDeliveryIndex Open()
    {
        var store = new SqliteStore(new() { Path = _data.Store });
        _stores.Add(store);
        return new SqliteDeliveryIndex(store);
    }

    [Theory]
    [InlineData(null, "IX_DeliveryIndex_All")]
    [InlineData("owner", "IX_DeliveryIndex_Owner")]
    public void Pages_are_read_from_an_index_without_sorting(string? owner, string index)
    {
        using var store = new SqliteStore(new() { Path = _data.Store });
        using var connection = store.OpenConnection();
        using var command = (SqliteCommand)connection.CreateCommand();
        SqliteDeliveryIndex.Describe(command, new(owner, DeliveryStage.Completed, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new(DateTimeOffset.MaxValue, "x")));
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;

        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read()) plan.Add(reader.GetString(3));

        Assert.Contains($"USING INDEX {index}", Assert.Single(plan), StringComparison.Ordinal);
    }
}
