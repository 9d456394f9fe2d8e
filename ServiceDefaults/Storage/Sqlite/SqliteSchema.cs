using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using DroneDelivery.Startup;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// Brings the file to the schema of this build, or says why it cannot and leaves it as it is. Any number of processes may do so at
/// once: one of them writes everything in one transaction, the others find it done.
/// </summary>
internal sealed class SqliteSchema(SqliteStore store) : IStartupCheck
{
    /// <summary>The schema that this build writes; kept in <c>PRAGMA user_version</c>.</summary>
    public const int Version = 3;

    /// <summary>Number of the last script of each schema; a file goes from any of them to the newest by running the scripts that follow.</summary>
    private static readonly int[] LastScriptOfVersion = [0, 4, 5, 6];

    /// <summary>Marks the file as ours; kept in <c>PRAGMA application_id</c>. The letters DrOr.</summary>
    public const int ApplicationId = 0x44724F72;

    private const int HeaderLength = 100;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            MakeFolder();
            await RetryWhileBusyAsync(Inspect, cancellationToken);
            await RetryWhileBusyAsync(Apply, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new StartupException(Explain(exception), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new StartupException(Unwritable(exception.Message), exception);
        }
    }

    private void MakeFolder()
    {
        if (Directory.Exists(store.Path)) throw new StartupException($"The local store {store.Path} is a folder; set Storage:Sqlite:Path to a file in it.");
        Directory.CreateDirectory(Path.GetDirectoryName(store.Path)!);
    }

    /// <summary>Looks at an existing file without the right to change it.</summary>
    private void Inspect()
    {
        if (!File.Exists(store.Path) || new FileInfo(store.Path).Length == 0) return;

        Span<byte> header = stackalloc byte[HeaderLength];
        using (var file = new FileStream(store.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            var read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (read < header.Length || !header.StartsWith("SQLite format 3\0"u8)) throw NotADatabase();
        }

        // Without a log the header is the whole truth, and opening the file would leave an empty log beside it.
        if (new FileInfo(store.Path + "-wal") is not { Exists: true, Length: > 0 })
        {
            CheckVersion(BinaryPrimitives.ReadUInt32BigEndian(header[60..]), BinaryPrimitives.ReadUInt32BigEndian(header[68..]));
            return;
        }

        using var connection = Open(SqliteOpenMode.ReadOnly);
        CheckVersion(Number(connection, "PRAGMA user_version"), Number(connection, "PRAGMA application_id"));
    }

    private void Apply()
    {
        using var connection = Open(SqliteOpenMode.ReadWriteCreate);
        RefuseForeign(connection);
        // Stays in the file: readers and the writer do not wait for each other.
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        Check(sqlite3_exec(connection.Handle, "BEGIN EXCLUSIVE"), connection);
        try
        {
            var version = Number(connection, "PRAGMA user_version");
            CheckVersion(version, Number(connection, "PRAGMA application_id"));
            if (version < Version)
            {
                RefuseForeign(connection);
                foreach (var script in ScriptsAfter(version)) Execute(connection, script);
                Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
            }

            Check(sqlite3_exec(connection.Handle, "COMMIT"), connection);
        }
        catch
        {
            if (sqlite3_get_autocommit(connection.Handle) == 0) sqlite3_exec(connection.Handle, "ROLLBACK");
            throw;
        }
    }

    private void CheckVersion(long version, long applicationId)
    {
        if (applicationId != ApplicationId && (version != 0 || applicationId != 0)) throw Foreign();
        if (version > Version)
            throw new StartupException($"The local store {store.Path} has schema {version}, newer than schema {Version} of this build; run the build that wrote it or set Storage:Sqlite:Path to another file.");
    }

    /// <summary>One statement, hence one view of the file, whatever another process is writing.</summary>
    private void RefuseForeign(SqliteConnection connection)
    {
        if (Number(connection, "SELECT count(*) FROM sqlite_schema WHERE (SELECT user_version FROM pragma_user_version) = 0") != 0) throw Foreign();
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        // No pool: nothing of a file that is refused stays open.
        var connection = new SqliteConnection(SqliteStore.ConnectionStringTo(store.Path, mode, TimeSpan.FromSeconds(1), pooling: false));
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task RetryWhileBusyAsync(Action step, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                step();
                return;
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is SQLITE_BUSY or SQLITE_LOCKED && Stopwatch.GetElapsedTime(started) < store.LockTimeout)
            {
                await Task.Delay(RetryDelay, cancellationToken);
            }
        }
    }

    /// <summary>The scripts, in order, that a file of this schema has not run yet; their names begin with three digits.</summary>
    internal static IEnumerable<string> ScriptsAfter(long version, long upTo = Version)
    {
        var assembly = typeof(SqliteSchema).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var number = int.Parse(name.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            if (number <= LastScriptOfVersion[version] || number > LastScriptOfVersion[upTo]) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Check(int result, SqliteConnection connection) => SqliteException.ThrowExceptionForRC(result, connection.Handle);

    private string Explain(SqliteException exception) => exception.SqliteErrorCode switch
    {
        SQLITE_BUSY or SQLITE_LOCKED => $"The local store {store.Path} is locked by another program; close that program, or set Storage:Sqlite:Path to another file.",
        SQLITE_NOTADB => NotADatabase().Message,
        SQLITE_CORRUPT => $"The local store {store.Path} is damaged; restore a copy of it or set Storage:Sqlite:Path to another file.",
        SQLITE_FULL => $"The disk that holds the local store {store.Path} is full; free some space or set Storage:Sqlite:Path to a file on another disk.",
        _ => Unwritable(exception.Message),
    };

    private StartupException Foreign() => new($"The file {store.Path} is the database of another program; set Storage:Sqlite:Path to a file of its own.");

    private StartupException NotADatabase() => new($"The file {store.Path} is not a SQLite database; set Storage:Sqlite:Path to another file.");

    private string Unwritable(string reason) => $"The local store {store.Path} cannot be written ({reason.TrimEnd('.')}); make its folder and file writable or set Storage:Sqlite:Path to another file.";
}
