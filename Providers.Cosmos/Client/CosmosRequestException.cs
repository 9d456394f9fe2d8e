using System.Net;

namespace Orleans.Providers.Cosmos;

/// <summary>Azure Cosmos DB refused or failed an operation: throttled, forbidden, unreachable, the container gone.</summary>
[GenerateSerializer]
public sealed class CosmosRequestException : OrleansException
{
    internal CosmosRequestException(string operation, string container, HttpStatusCode status, int subStatus, string reason, Exception? inner = null)
        : base($"{operation} in container '{container}' failed with {(int)status}{(subStatus is 0 ? "" : $"/{subStatus}")} {status}: {FirstLine(reason)}", inner!)
    {
        (StatusCode, SubStatusCode) = (status, subStatus);
    }

    /// <summary>HTTP status; 503 also where no answer came at all.</summary>
    [Id(0)]
    public HttpStatusCode StatusCode { get; private set; }

    /// <summary>The service's finer status; 0 for none.</summary>
    [Id(1)]
    public int SubStatusCode { get; private set; }

    /// <summary>Whether the same operation may succeed later without anybody changing anything.</summary>
    public bool IsTransient => StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout
        or HttpStatusCode.Gone or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or (HttpStatusCode)449;

    /// <summary>
    /// Whether the answer leaves open what became of a write. The listed ones are given before anything is written (449: by a request that lost to another);
    /// all others may come from a front end that gave up on a replica which went on.
    /// </summary>
    internal bool LeavesOutcomeOpen => StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests or (HttpStatusCode)449);

    private static string FirstLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? text[..end] : text;
}
