using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// The one thread of this process that writes. Whatever has queued up while the last transaction was being made durable goes into the
/// next one, so that many writers share one flush to disk and no thread of the pool ever waits for a lock.
/// </summary>
/// <remarks>
/// <c>synchronous=FULL</c>: a write is answered after its flush, so it survives the death of the process and the loss of power.
/// Between processes SQLite hands its write lock to whoever asks first after a release and wakes nobody. A writer therefore asks again
/// every millisecond, and one that sees others write leaves a gap of a millisecond and a half between its own transactions.
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    private const int LargestGroup = 256;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(1.5);
    private static readonly TimeSpan CompanyIsRemembered = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<Write> _queue = [];
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly string _connectionString;
    private readonly TimeSpan _lockTimeout;
    private readonly Thread _thread;
    private SqliteConnection? _connection;
    private long _dataVersion;
    private long _lastCompany;

    public SqliteWriter(string connectionString, TimeSpan lockTimeout)
    {
        _connectionString = connectionString;
        _lockTimeout = lockTimeout;
        _thread = new Thread(Run) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <summary>Runs the statements of <paramref name="text"/> as one atomic change; done when they are on disk.</summary>
    /// <returns>The rows that the statements returned.</returns>
    /// <exception cref="SqliteException">Nothing was written: the statement is wrong, or the file is damaged.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was written: the disk is full or fails, the file may only be read, or the store is closed.</exception>
    /// <exception cref="TimeoutException">Nothing was written, for another process held the file for longer than the lock timeout: it may be tried again.</exception>
    public Task<DbDataReader> ExecuteAsync(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken) =>
        SqliteFaults.Told(() => SqliteTelemetry.Traced(text, () => WriteAsync(text, parameters, cancellationToken)));

    private async Task<DbDataReader> WriteAsync(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        var write = new Write(text, parameters, cancellationToken);
        try
        {
            _queue.Add(write, cancellationToken);
        }
        catch (InvalidOperationException)
        {
            throw new StoreUnavailableException("The local store is closed.");
        }

        return await write.Done.Task;
    }

    /// <summary>Writes what is queued, then closes.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Run()
    {
        var group = new List<Write>(LargestGroup);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < LargestGroup && _queue.TryTake(out var next)) group.Add(next);

            try
            {
                Commit(group);
            }
            catch (Exception exception)
            {
                foreach (var write in group) write.Done.TrySetException(exception);
                // A fresh connection forgets whatever state the failure left behind.
                Close();
            }

            foreach (var write in group) write.Complete();
            group.Clear();
        }

        Close();
    }

    private void Commit(List<Write> group)
    {
        var connection = _connection ??= Open();
        if (Stopwatch.GetElapsedTime(_lastCompany) < CompanyIsRemembered) Thread.Sleep(Gap);
        BeginImmediate(connection);
        foreach (var write in group)
        {
            if (write.Cancellation.IsCancellationRequested) continue;
            Check(sqlite3_exec(connection.Handle, "SAVEPOINT one"));
            try
            {
                write.Rows = Execute(connection, write);
            }
            catch (SqliteException exception) when (sqlite3_get_autocommit(connection.Handle) == 0)
            {
                write.Failure = exception;
                Check(sqlite3_exec(connection.Handle, "ROLLBACK TO one"));
            }

            Check(sqlite3_exec(connection.Handle, "RELEASE one"));
        }

        Check(sqlite3_exec(connection.Handle, "COMMIT"));
    }

    private void BeginImmediate(SqliteConnection connection)
    {
        var started = Stopwatch.GetTimestamp();
        int result;
        while ((result = sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE")) == SQLITE_BUSY && Stopwatch.GetElapsedTime(started) < _lockTimeout)
        {
            _lastCompany = Stopwatch.GetTimestamp();
            Thread.Sleep(RetryDelay);
        }

        if (result == SQLITE_BUSY) throw new TimeoutException($"Another process has held the local store for {_lockTimeout.TotalSeconds:0.#} s.");
        Check(result);

        // The data version moves only when another connection has written, so it shows company that never made this writer wait.
        var dataVersion = ReadDataVersion(connection);
        if (_dataVersion != 0 && dataVersion != _dataVersion) _lastCompany = Stopwatch.GetTimestamp();
        _dataVersion = dataVersion;
    }

    private long ReadDataVersion(SqliteConnection connection)
    {
        using var reader = Prepared(connection, "PRAGMA data_version").ExecuteReader();
        reader.Read();
        return reader.GetInt64(0);
    }

    private DataTable Execute(SqliteConnection connection, Write write)
    {
        var command = Prepared(connection, write.Text);
        command.Parameters.Clear();
        foreach (SqliteParameter parameter in write.Parameters)
            command.Parameters.Add(new SqliteParameter(parameter.ParameterName, parameter.Value) { DbType = parameter.DbType });

        using var reader = command.ExecuteReader();
        var rows = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        do
        {
            if (reader.FieldCount > 0 && rows.Columns.Count == 0)
            {
                for (var field = 0; field < reader.FieldCount; field++) rows.Columns.Add(reader.GetName(field), typeof(object));
            }

            while (reader.Read())
            {
                var values = new object[reader.FieldCount];
                reader.GetValues(values);
                rows.Rows.Add(values);
            }
        }
        while (reader.NextResult());

        return rows;
    }

    private SqliteCommand Prepared(SqliteConnection connection, string text)
    {
        if (!_commands.TryGetValue(text, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = text;
            _commands.Add(text, command);
        }

        return command;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var settings = connection.CreateCommand();
            // The limit cuts the log back after a burst; it would keep its largest size otherwise.
            settings.CommandText = "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;";
            settings.ExecuteNonQuery();
            _dataVersion = 0;
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Close()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _commands.Clear();
        if (_connection is null) return;
        if (_connection.Handle is { } handle && sqlite3_get_autocommit(handle) == 0) sqlite3_exec(handle, "ROLLBACK");
        _connection.Dispose();
        _connection = null;
    }

    private void Check(int result)
    {
        if (result != SQLITE_OK) SqliteException.ThrowExceptionForRC(result, _connection?.Handle);
    }

    private sealed class Write(string text, SqliteParameterCollection parameters, CancellationToken cancellation)
    {
        public string Text { get; } = text;

        public SqliteParameterCollection Parameters { get; } = parameters;

        public CancellationToken Cancellation { get; } = cancellation;

        // Continuations must not run on the writer's thread.
        public TaskCompletionSource<DbDataReader> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DataTable? Rows { get; set; }

        public SqliteException? Failure { get; set; }

        /// <summary>Answers; called after the transaction was committed.</summary>
        public void Complete()
        {
            if (Failure is not null) Done.TrySetException(Failure);
            else if (Rows is not null) Done.TrySetResult(Rows.CreateDataReader());
            else Done.TrySetCanceled(Cancellation);
        }
    }
}
