using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Problems;

/// <summary>An answer with problem details, which handlers return by the name of what went wrong.</summary>
/// <param name="status">The status code.</param>
/// <param name="reason">Why, in words fit for a client.</param>
internal abstract class ProblemResult(int status, string? reason) : IResult, IStatusCodeHttpResult
{
    public string? Reason { get; } = reason;

    public int? StatusCode => status;

    public virtual Task ExecuteAsync(HttpContext httpContext) => TypedResults.Problem(Problem.Details(status, Reason)).ExecuteAsync(httpContext);

    /// <summary>Says in the API document that a route may answer so.</summary>
    protected static void Document(EndpointBuilder builder, int status) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [Problem.ContentType]));
}

/// <summary>
/// 409: not possible in the present state. 412 where the client demanded another version than there is, 404 where there is nothing for the caller.
/// </summary>
internal sealed class ConflictProblem : ProblemResult, IEndpointMetadataProvider
{
    /// <summary>Not possible, whatever the client demands.</summary>
    /// <param name="reason">Why, in words fit for a client.</param>
    public ConflictProblem(string? reason)
        : base(StatusCodes.Status409Conflict, reason)
    {
    }

    /// <summary>A command that a grain refused.</summary>
    public ConflictProblem(CommandResult refused)
        : base(Status(refused.Outcome), refused.Reason)
    {
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Document(builder, StatusCodes.Status409Conflict);

    private static int Status(CommandOutcome refused) => refused switch
    {
        CommandOutcome.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        CommandOutcome.NotFound => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status409Conflict,
    };
}

/// <summary>403: the caller may not do this.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class ForbiddenProblem(string reason) : ProblemResult(StatusCodes.Status403Forbidden, reason), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Document(builder, StatusCodes.Status403Forbidden);
}

/// <summary>413: larger than can be kept.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class TooLargeProblem(string reason) : ProblemResult(StatusCodes.Status413PayloadTooLarge, reason), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Document(builder, StatusCodes.Status413PayloadTooLarge);
}

/// <summary>422: understood, but it contradicts an earlier request.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class UnprocessableProblem(string reason) : ProblemResult(StatusCodes.Status422UnprocessableEntity, reason), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Document(builder, StatusCodes.Status422UnprocessableEntity);
}

/// <summary>503: try again after a while; nothing is wrong with the request.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
/// <param name="retryAfter">When to come back.</param>
internal sealed class UnavailableProblem(string reason, TimeSpan retryAfter) : ProblemResult(StatusCodes.Status503ServiceUnavailable, reason), IEndpointMetadataProvider
{
    public TimeSpan RetryAfter { get; } = retryAfter;

    public override Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Math.Ceiling(RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return base.ExecuteAsync(httpContext);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Document(builder, StatusCodes.Status503ServiceUnavailable);
}
