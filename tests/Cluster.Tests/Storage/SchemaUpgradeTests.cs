using DroneDelivery.Processes;
using DroneDelivery.Queries;
using DroneDelivery.Startup;
using DroneDelivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Storage;

/// <summary>Files of earlier builds come to the newest schema whole or not at all.</summary>
public sealed class SchemaUpgradeTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _data.Dispose();
    }

    [Fact]
    public async Task File_of_schema_1_keeps_its_contents_and_gains_the_index()
    {
        MakeVersion1("INSERT INTO OrleansQuery VALUES ('kept', 'text')");

        // As silos and the gateway do when they start together.
        var starts = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Upgrade(), Cancellation));
        await Task.WhenAll(starts);

        using var store = new SqliteStore(new() { Path = _data.Store });
        using (var connection = store.OpenConnection())
        {
            Assert.Equal((long)SqliteSchema.Version, Scalar(connection, "PRAGMA user_version"));
            Assert.Equal("text", Scalar(connection, "SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'kept'"));
            Assert.Contains("random()", (string?)Scalar(connection, "SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'WriteToStorageKey'"), StringComparison.Ordinal);
        }

        var row = new DeliveryIndexEntry("d", "o", 1, DeliveryStage.Created, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        await new SqliteDeliveryIndex(store).Upsert(row, Cancellation);
        Assert.Equal([row], (await new SqliteDeliveryIndex(store).Query(new("o"), Cancellation)).Deliveries);
    }

    [Fact]
    public async Task Upgrade_that_fails_leaves_the_file_at_schema_1()
    {
        // The second index of the new script meets a table of its name: its first statements must not stay.
        MakeVersion1("CREATE TABLE IX_DeliveryIndex_All (Id)");

        await Assert.ThrowsAsync<StartupException>(Upgrade);

        using var connection = new SqliteConnection($"Data Source={_data.Store};Pooling=False");
        connection.Open();
        Assert.Equal(1L, Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(0L, Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'DeliveryIndex'"));
    }

    private async Task Upgrade()
    {
        using var store = new SqliteStore(new() { Path = _data.Store });
        await new SqliteSchema(store).RunAsync(Cancellation);
    }

    private void MakeVersion1(string contents)
    {
        using var connection = new SqliteConnection($"Data Source={_data.Store};Pooling=False");
        connection.Open();
        foreach (var sql in SqliteSchema.ScriptsAfter(0, upTo: 1)) Run(sql);
        Run($"PRAGMA application_id = {SqliteSchema.ApplicationId}; PRAGMA user_version = 1;");
        Run(contents);

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    private static object? Scalar(System.Data.Common.DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
