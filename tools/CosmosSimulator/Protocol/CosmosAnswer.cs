using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>The answer to a request.</summary>
internal sealed record CosmosAnswer
{
    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>Sub-status code.</summary>
    public int SubStatus { get; init; }

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the body is a batch rather than JSON.</summary>
    public bool IsBinary { get; init; }

    /// <summary>The etag, with its quotation marks.</summary>
    public string? ETag { get; init; }

    /// <summary>Cost, request units.</summary>
    public double Charge { get; init; }

    /// <summary>The session token: partition and last write that it knows of; null for none.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Resource id of the container that the session token is about.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Where the page ends.</summary>
    public string? Continuation { get; init; }

    /// <summary>How many results a page has.</summary>
    public int? ItemCount { get; init; }

    /// <summary>How long to wait before trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A thing that has a document.</summary>
    public static CosmosAnswer Of(int status, JsonElement document, string? etag, double charge) => new()
    {
        Status = status,
        Body = JsonSerializer.SerializeToUtf8Bytes(document),
        ETag = etag,
        Charge = charge,
    };

    /// <summary>A refusal.</summary>
    public static CosmosAnswer Of(RefusedException refusal) => Error(refusal.Status, refusal.SubStatus, refusal.Message) with { Charge = refusal.Charge };

    /// <summary>An error with the body that the service gives.</summary>
    public static CosmosAnswer Error(int status, int subStatus, string message) => new()
    {
        Status = status,
        SubStatus = subStatus,
        Body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["code"] = Code(status), ["message"] = message }),
    };

    private static string Code(int status) => status switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "RequestEntityTooLarge",
        429 => "TooManyRequests",
        449 => "RetryWith",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    };
}
