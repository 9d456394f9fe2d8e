using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Problems;

/// <summary>409: not possible in the present state.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class ConflictProblem(string? reason) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public string? Reason { get; } = reason;

    public int? StatusCode => StatusCodes.Status409Conflict;

    public Task ExecuteAsync(HttpContext httpContext) =>
        TypedResults.Problem(Problem.Details(StatusCodes.Status409Conflict, Reason)).ExecuteAsync(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status409Conflict, typeof(ProblemDetails), [Problem.ContentType]));
}

/// <summary>403: the caller may not do this.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class ForbiddenProblem(string reason) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => StatusCodes.Status403Forbidden;

    public Task ExecuteAsync(HttpContext httpContext) =>
        TypedResults.Problem(Problem.Details(StatusCodes.Status403Forbidden, reason)).ExecuteAsync(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status403Forbidden, typeof(ProblemDetails), [Problem.ContentType]));
}

/// <summary>422: understood, but it contradicts an earlier request.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
internal sealed class UnprocessableProblem(string reason) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => StatusCodes.Status422UnprocessableEntity;

    public Task ExecuteAsync(HttpContext httpContext) =>
        TypedResults.Problem(Problem.Details(StatusCodes.Status422UnprocessableEntity, reason)).ExecuteAsync(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status422UnprocessableEntity, typeof(ProblemDetails), [Problem.ContentType]));
}

/// <summary>503: try again after a while; nothing is wrong with the request.</summary>
/// <param name="reason">Why, in words fit for a client.</param>
/// <param name="retryAfter">When to come back.</param>
internal sealed class UnavailableProblem(string reason, TimeSpan retryAfter) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public TimeSpan RetryAfter { get; } = retryAfter;

    public int? StatusCode => StatusCodes.Status503ServiceUnavailable;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Math.Ceiling(RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(Problem.Details(StatusCodes.Status503ServiceUnavailable, reason)).ExecuteAsync(httpContext);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(ProblemDetails), [Problem.ContentType]));
}
