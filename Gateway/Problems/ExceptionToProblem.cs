using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Security;
using Microsoft.AspNetCore.Diagnostics;

namespace DroneDelivery.Gateway.Problems;

/// <summary>Turns what handlers throw into problem details.</summary>
internal sealed partial class ExceptionToProblem(ILogger<ExceptionToProblem> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to read an answer; 499 is what access logs call this.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        IResult result;
        if (exception is BadHttpRequestException bad)
        {
            result = bad.StatusCode == StatusCodes.Status400BadRequest
                ? Problem.Validation("body", bad.Message)
                : TypedResults.Problem(Problem.Details(bad.StatusCode, bad.Message));
        }
        else if (TransientFaults.IsTransient(exception) || exception is KeysUnavailableException or GeocodingUnavailableException)
        {
            LogUnavailable(logger, httpContext.Request.Method, httpContext.Request.Path, exception.GetType().Name, exception.Message);
            result = new UnavailableProblem("The service cannot answer at the moment; repeating the request is safe.", TransientFaults.RetryAfter);
        }
        else
        {
            LogFailed(logger, exception, httpContext.Request.Method, httpContext.Request.Path);
            result = TypedResults.Problem(Problem.Details(StatusCodes.Status500InternalServerError));
        }

        await result.ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} answered 503: {Fault}: {Message}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string fault, string message);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);
}
