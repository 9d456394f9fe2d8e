using DroneDelivery.Processes;
using DroneDelivery.Queries;
using DroneDelivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Storage;

/// <summary>What the local store says when the machine under it fails, and when a statement or the file is wrong.</summary>
public sealed class LocalStoreFaultTests : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private SqliteStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteStore(new() { Path = _data.Store });
        await new SqliteSchema(_store).RunAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _data.Dispose();
    }

    [Fact]
    public async Task Full_disk_is_no_fault_of_the_statement_and_passes()
    {
        await Write("PRAGMA max_page_count = 1");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Write($"INSERT INTO OrleansQuery VALUES ('large', '{new string('x', 100_000)}')"));
        Assert.Equal(0L, Count());

        await Write("PRAGMA max_page_count = 1000000");
        await Write("INSERT INTO OrleansQuery VALUES ('large', 'x')");
        Assert.Equal(1L, Count());
    }

    [Fact]
    public async Task File_that_may_only_be_read_is_no_fault_of_the_statement()
    {
        await Write("PRAGMA query_only = 1");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Write("INSERT INTO OrleansQuery VALUES ('a', 'b')"));
    }

    [Fact]
    public async Task File_that_has_vanished_is_no_fault_of_the_statement()
    {
        await using var gone = new SqliteStore(new() { Path = _data.Store + ".gone" });
        using var none = new SqliteCommand();

        Assert.Throws<StoreUnavailableException>(() => gone.OpenConnection().Dispose());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => new SqliteDeliveryIndex(gone).Query(new DeliveryIndexQuery { Limit = 1 }, Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => gone.Writer.ExecuteAsync("DELETE FROM OrleansQuery", none.Parameters, Cancellation));
    }

    [Fact]
    public async Task Store_that_is_closed_is_no_fault_of_the_statement()
    {
        var closed = new SqliteStore(new() { Path = _data.Store });
        var writer = closed.Writer;
        await closed.DisposeAsync();
        using var none = new SqliteCommand();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => writer.ExecuteAsync("DELETE FROM OrleansQuery", none.Parameters, Cancellation));
    }

    [Theory]
    [InlineData("INSERT INTO NoSuchTable VALUES (1)")]
    [InlineData("INSERT INTO OrleansQuery VALUES ('a')")]
    [InlineData("INSERT INTO OrleansQuery VALUES ('twice', 'x'); INSERT INTO OrleansQuery VALUES ('twice', 'x')")]
    [InlineData("this is no statement")]
    public async Task Statement_that_is_wrong_is_called_so(string statement) => await Assert.ThrowsAsync<SqliteException>(() => Write(statement));

    [Fact]
    public async Task File_that_is_damaged_is_called_so()
    {
        var path = _data.Store + ".damaged";
        await File.WriteAllBytesAsync(path, [.. "SQLite format 3\0"u8, .. Enumerable.Repeat((byte)0x5A, 8_000)], Cancellation);
        await using var damaged = new SqliteStore(new() { Path = path });
        using var none = new SqliteCommand();

        await Assert.ThrowsAsync<SqliteException>(() => damaged.Writer.ExecuteAsync("DELETE FROM OrleansQuery", none.Parameters, Cancellation));
    }

    private async Task Write(string text)
    {
        using var none = new SqliteCommand();
        await using var rows = await _store.Writer.ExecuteAsync(text, none.Parameters, Cancellation);
    }

    private long Count()
    {
        using var connection = _store.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM OrleansQuery WHERE QueryKey = 'large'";
        return (long)command.ExecuteScalar()!;
    }
}
