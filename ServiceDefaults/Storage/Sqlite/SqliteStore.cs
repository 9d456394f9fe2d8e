using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// The local store: one SQLite file for any number of processes on this machine. The Orleans ADO.NET providers take their connections
/// from here, which is how every statement that writes reaches the one <see cref="SqliteWriter"/> of the process, while reads run where
/// they are called: with a write-ahead log they wait for nobody.
/// </summary>
internal sealed class SqliteStore : DbDataSource
{
    /// <summary>Name by which the providers know Microsoft.Data.Sqlite.</summary>
    public const string Invariant = "System.Data.SQLite";

    private readonly Lazy<SqliteWriter> _writer;

    public SqliteStore(SqliteStoreOptions options)
    {
        Path = System.IO.Path.GetFullPath(options.Path);
        LockTimeout = options.LockTimeout;
        // Read-write, never create: a file that vanished under a running process must not come back empty.
        ConnectionString = ConnectionStringTo(Path, SqliteOpenMode.ReadWrite, LockTimeout);
        _writer = new(() => new SqliteWriter(ConnectionString, LockTimeout));
    }

    /// <summary>The database file, as a full path.</summary>
    public string Path { get; }

    /// <summary>How long a writer waits for other processes.</summary>
    public TimeSpan LockTimeout { get; }

    public override string ConnectionString { get; }

    /// <summary>The only way by which this process writes.</summary>
    public SqliteWriter Writer => _writer.Value;

    internal static string ConnectionStringTo(string path, SqliteOpenMode mode, TimeSpan timeout, bool pooling = true) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = pooling,
        DefaultTimeout = (int)Math.Ceiling(timeout.TotalSeconds),
    }.ToString();

    protected override DbConnection CreateDbConnection() => new StoreConnection(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing && _writer.IsValueCreated) _writer.Value.Dispose();
        base.Dispose(disposing);
    }

    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(disposing: true);
        return ValueTask.CompletedTask;
    }

    private sealed class StoreConnection(SqliteStore store) : SqliteConnection(store.ConnectionString)
    {
        public override void Open()
        {
            try
            {
                base.Open();
            }
            catch (SqliteException exception) when (SqliteFaults.IsOutside(exception))
            {
                throw SqliteFaults.Unavailable(exception);
            }
        }

        public override SqliteCommand CreateCommand() => new StoreCommand(store) { Connection = this, CommandTimeout = DefaultTimeout };
    }

    private sealed class StoreCommand(SqliteStore store) : SqliteCommand
    {
        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(System.Data.CommandBehavior behavior, CancellationToken cancellationToken) =>
            IsRead(CommandText)
                ? SqliteFaults.Told(() => SqliteTelemetry.Traced(CommandText, () => base.ExecuteDbDataReaderAsync(behavior, cancellationToken)))
                : store.Writer.ExecuteAsync(CommandText, Parameters, cancellationToken);

        private static bool IsRead(string text) => text.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
    }
}
