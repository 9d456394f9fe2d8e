using System.Data.Common;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// Tells what keeps the local store from serving from what is wrong with a statement or with the file. The error code does not survive the way from a silo
/// to its caller, so the difference is made here.
/// </summary>
internal static class SqliteFaults
{
    /// <summary>The code of a file that is larger than its file system can hold; the library has no name for it.</summary>
    private const int NoLargeFiles = 22;

    /// <summary>Whether the machine is at fault, and neither the statement nor what is stored.</summary>
    // Source: https://www.sqlite.org/rescode.html
    public static bool IsOutside(SqliteException exception) => exception.SqliteErrorCode is
        SQLITE_FULL or SQLITE_IOERR or SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM or NoLargeFiles
        or SQLITE_BUSY or SQLITE_LOCKED or SQLITE_PROTOCOL or SQLITE_NOMEM or SQLITE_INTERRUPT;

    /// <summary>What callers are told.</summary>
    public static StoreUnavailableException Unavailable(SqliteException exception) => new($"The local store cannot serve: {exception.Message}", exception);

    /// <summary>Runs an operation.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot serve.</exception>
    public static T Told<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (SqliteException exception) when (IsOutside(exception))
        {
            throw Unavailable(exception);
        }
    }

    /// <summary>Runs a statement.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot serve.</exception>
    public static async Task<DbDataReader> Told(Func<Task<DbDataReader>> statement)
    {
        try
        {
            return await statement();
        }
        catch (SqliteException exception) when (IsOutside(exception))
        {
            throw Unavailable(exception);
        }
    }
}
