using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>Traces of every statement, after OpenTelemetry's conventions for databases; parameters are not told.</summary>
internal static partial class SqliteTelemetry
{
    private static readonly ActivitySource Source = new("DroneDelivery.Sqlite");

    // Statements are constants, so there are few.
    private static readonly ConcurrentDictionary<string, (string Operation, string Table)> Known = new();

    /// <summary>Runs a statement within a span.</summary>
    public static async Task<DbDataReader> Traced(string text, Func<Task<DbDataReader>> run)
    {
        if (!Source.HasListeners()) return await run();

        var (operation, table) = Known.GetOrAdd(text, Summary);
        using var activity = Source.StartActivity($"{operation} {table}", ActivityKind.Client);
        activity?.SetTag("db.system.name", "sqlite").SetTag("db.operation.name", operation).SetTag("db.collection.name", table);
        try
        {
            return await run();
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    private static (string Operation, string Table) Summary(string text) =>
        FirstTable().Match(text) is { Success: true } found ? (found.Groups["operation"].Value.ToUpperInvariant(), found.Groups["table"].Value) : ("EXECUTE", "");

    [GeneratedRegex(@"\b((?<operation>UPDATE)|(?<operation>INSERT)\s+INTO|(?<operation>DELETE)\s+FROM|(?<operation>SELECT)\b.*?\bFROM)\s+(?<table>\w+)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex FirstTable();
}
