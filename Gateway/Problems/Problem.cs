using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace DroneDelivery.Gateway.Problems;

/// <summary>Makes RFC 9457 problem details, all in one shape.</summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    /// <summary>The problem of a status code.</summary>
    public static ProblemDetails Details(int status, string? detail = null) => new()
    {
        Status = status,
        Type = ProblemTypes.For(status),
        Title = status == StatusCodes.Status400BadRequest ? "The request is not valid." : ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
    };

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
