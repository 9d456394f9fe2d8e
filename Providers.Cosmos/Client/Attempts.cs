using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>
/// Tells whether the client sent a request more than once. It repeats writes whose first answer was lost when it knows another way to reach the
/// account; a condition that fails then may fail because of the first attempt's own success.
/// </summary>
internal static class Attempts
{
    /// <summary>Whether there was, or may have been, an attempt before the one that was answered.</summary>
    public static bool WereRepeated(CosmosDiagnostics diagnostics)
    {
        // The count knows direct connections; what travelled over HTTP is only in the text.
        if (diagnostics.GetFailedRequestCount() > 0) return true;
        var text = diagnostics.ToString().AsSpan();
        return text.Contains("\"ExceptionType\"", StringComparison.Ordinal) || text.Count("\"ResourceType\":\"Document\"") > 1;
    }
}
