namespace DroneDelivery.Gateway.Problems;

/// <summary>The stable <c>type</c> of each problem; clients tell problems apart by it, so a value never changes its meaning.</summary>
internal static class ProblemTypes
{
    private const string Prefix = "urn:drone-delivery:problem:";

    /// <summary>The request is not understood; <c>errors</c> names the fields.</summary>
    public const string Validation = Prefix + "validation";

    /// <summary>A bearer token is needed, and none was given or it is not valid.</summary>
    public const string Unauthenticated = Prefix + "unauthenticated";

    /// <summary>The token is valid but has no role that may do this, or a web page of another origin asks for a change.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>No such resource or route.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>The route exists, the method does not.</summary>
    public const string MethodNotAllowed = Prefix + "method-not-allowed";

    /// <summary>Not possible in the present state.</summary>
    public const string Conflict = Prefix + "conflict";

    /// <summary>What is there is not of the version that <c>If-Match</c> or <c>If-None-Match</c> demand.</summary>
    public const string PreconditionFailed = Prefix + "precondition-failed";

    /// <summary>The body is larger than accepted.</summary>
    public const string TooLarge = Prefix + "too-large";

    /// <summary>The body is not JSON, or does not say so.</summary>
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";

    /// <summary>The <c>Idempotency-Key</c> was used with another body.</summary>
    public const string KeyReused = Prefix + "idempotency-key-reused";

    /// <summary>The client asks too often; come back after <c>Retry-After</c> seconds.</summary>
    public const string TooManyRequests = Prefix + "too-many-requests";

    /// <summary>Come back after <c>Retry-After</c> seconds.</summary>
    public const string Unavailable = Prefix + "unavailable";

    /// <summary>A fault of the service.</summary>
    public const string Internal = Prefix + "internal";

    /// <summary>Any other refusal.</summary>
    public const string Other = "about:blank";

    /// <summary>The type that belongs to a status code.</summary>
    public static string For(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Validation,
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status409Conflict => Conflict,
        StatusCodes.Status412PreconditionFailed => PreconditionFailed,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity => KeyReused,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        StatusCodes.Status500InternalServerError => Internal,
        _ => Other,
    };
}
