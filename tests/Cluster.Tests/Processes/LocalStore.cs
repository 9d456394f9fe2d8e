using Microsoft.Data.Sqlite;

namespace DroneDelivery.Processes;

/// <summary>The store of local mode.</summary>
internal sealed class LocalStore : ClusterStore
{
    private const int Active = 3;

    private readonly TemporaryFolder _folder = new();

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Storage:Sqlite:Path"] = _folder.Store };

    public override Task<long> StoredRequestsAsync() => AskAsync<long>("SELECT COUNT(*) FROM OrleansStorage WHERE GrainTypeString LIKE '%request' AND PayloadBinary IS NOT NULL");

    public override async Task<bool> IsMemberAsync(SiloProcess silo) =>
        await AskAsync<long>("SELECT COUNT(*) FROM OrleansMembershipTable WHERE Status = @number1 AND Port = @number2", Active, silo.SiloPort) > 0;

    public override async Task<IReadOnlyList<string>> FindAsync(string text)
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.Store};Mode=ReadWrite;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT CASE GrainTypeString WHEN 'archived-delivery' THEN 'archive' WHEN 'package' THEN 'packages' ELSE GrainTypeString END
            FROM OrleansStorage WHERE instr(PayloadBinary, CAST(@text AS BLOB)) > 0 OR instr(GrainIdExtensionString, @text) > 0
            UNION ALL SELECT 'index' FROM DeliveryIndex WHERE instr(OwnerId || '/' || DeliveryId, @text) > 0
            """;
        command.Parameters.AddWithValue("@text", text);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }

    /// <summary>Keeps every process from writing, as long as the result lives.</summary>
    /// <exception cref="SqliteException">A process holds the store and does not let go.</exception>
    public IDisposable Hold(TimeSpan patience)
    {
        var connection = new SqliteConnection($"Data Source={_folder.Store};Mode=ReadWrite;Pooling=False;Default Timeout={Math.Max(1, (int)patience.TotalSeconds)}");
        try
        {
            connection.Open();
            using var begin = connection.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<T> AskAsync<T>(string sql, params int[] numbers)
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.Store};Mode=ReadWrite;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var number = 0; number < numbers.Length; number++) command.Parameters.AddWithValue($"@number{number + 1}", numbers[number]);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
