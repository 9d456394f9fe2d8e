using System.Net;

namespace Orleans.Providers.Cosmos;

/// <summary>Azure Cosmos DB refused or failed an operation: throttled, forbidden, unreachable, the container gone.</summary>
[GenerateSerializer]
public sealed class CosmosRequestException : OrleansException
{
    private const int ReadSessionNotAvailable = 1002;
    private const int ContainerBeingCreated = 1013;
    private const int WriteForbidden = 3;
    private const int AccountNotInRegion = 1008;

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
    public bool IsTransient => PassesSoon || StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    /// <summary>
    /// Whether the failure comes of a moment and not of load, so that the operation may be repeated at once: another region takes writes now, a replica
    /// lags behind what this session has written, a partition moves, another write was under way.
    /// </summary>
    // Source: https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb and the troubleshooting pages of each status.
    public bool PassesSoon => (StatusCode, SubStatusCode) is (HttpStatusCode.NotFound, ReadSessionNotAvailable or ContainerBeingCreated)
        or (HttpStatusCode.Forbidden, WriteForbidden or AccountNotInRegion)
        or (HttpStatusCode.Gone, _) or ((HttpStatusCode)449, _);

    /// <summary>
    /// Whether the answer leaves open what became of a write. The listed ones are given before anything is written (449: by a request that lost to another);
    /// all others may come from a front end that gave up on a replica which went on.
    /// </summary>
    internal bool LeavesOutcomeOpen => StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests or (HttpStatusCode)449);

    private static string FirstLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? text[..end] : text;
}
