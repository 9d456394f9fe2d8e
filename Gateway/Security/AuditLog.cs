using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// Writes down what operators change: who, what, and what came of it; and who was refused what is not theirs to do. Category
/// <c>DroneDelivery.Gateway.Security.AuditLog</c>.
/// </summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _answer = new();

    /// <summary>Takes note of callers who are known and may not. Who is not known is not worth a line: strangers would fill the log.</summary>
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Forbidden) LogForbidden(logger, Caller.Of(context).Subject, context.Request.Method, context.Request.Path);
        return _answer.HandleAsync(next, context, policy, authorizeResult);
    }

    /// <summary>Endpoint filter: takes note of changes on routes for operators.</summary>
    public async ValueTask<object?> Record(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy != Policies.Operators) return await next(context);

        var who = Caller.Of(http).Subject;
        try
        {
            var result = await next(context);
            var inner = result;
            while (inner is INestedHttpResult nested) inner = nested.Result;
            LogDone(logger, who, http.Request.Method, http.Request.Path, (inner as IStatusCodeHttpResult)?.StatusCode);
            return result;
        }
        catch (Exception exception)
        {
            // Whether it took effect is not known.
            LogFailed(logger, who, http.Request.Method, http.Request.Path, exception.GetType().Name);
            throw;
        }
    }

    [LoggerMessage(EventId = 1, EventName = "OperatorAction", Level = LogLevel.Information, Message = "Operator {Operator}: {Method} {Path} was answered {Status}")]
    private static partial void LogDone(ILogger logger, string? @operator, string method, string path, int? status);

    [LoggerMessage(EventId = 2, EventName = "OperatorActionFailed", Level = LogLevel.Warning, Message = "Operator {Operator}: {Method} {Path} failed with {Fault}")]
    private static partial void LogFailed(ILogger logger, string? @operator, string method, string path, string fault);

    [LoggerMessage(EventId = 3, EventName = "Forbidden", Level = LogLevel.Warning, Message = "{Caller} may not: {Method} {Path}")]
    private static partial void LogForbidden(ILogger logger, string? caller, string method, string path);
}
