using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace DroneDelivery.Gateway.Problems;

/// <summary>Makes RFC 9457 problem details, all in one shape.</summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    /// <summary>Why a body is refused that is not JSON by its own account.</summary>
    public const string NotJson =
        "A body must be JSON and say so: send Content-Type: application/json, or application/x-ndjson where a route takes lines.";

    /// <summary>The problem of a status code.</summary>
    public static ProblemDetails Details(int status, string? detail = null) => new()
    {
        Status = status,
        Type = ProblemTypes.For(status),
        Title = status == StatusCodes.Status400BadRequest ? "The request is not valid." : ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
    };

    /// <summary>The problem of an answer that routing or the server gave, which is a status code and nothing else.</summary>
    public static ProblemDetails OfBareStatus(int status) =>
        Details(status, status == StatusCodes.Status415UnsupportedMediaType ? NotJson : null);

    /// <summary>A 400 that names the fields at fault.</summary>
    public static ValidationProblem Validation(IDictionary<string, string[]> errors)
    {
        var problem = Details(StatusCodes.Status400BadRequest, "See errors for the fields at fault.");
        return TypedResults.ValidationProblem(errors, problem.Detail, null, problem.Title, problem.Type);
    }

    /// <summary>A 400 with one field at fault.</summary>
    public static ValidationProblem Validation(string field, string message) =>
        Validation(new Dictionary<string, string[]> { [field] = [message] });
}
