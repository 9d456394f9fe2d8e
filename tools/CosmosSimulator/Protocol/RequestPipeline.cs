using System.Globalization;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Authorization;
using DroneDelivery.CosmosSimulator.Faults;
using Microsoft.AspNetCore.Http.Features;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>The way of a request: read, delayed, struck by a fault or run, counted, answered.</summary>
/// <param name="authorizer">Says who may.</param>
/// <param name="dispatcher">Runs requests.</param>
/// <param name="faults">What shall go wrong.</param>
/// <param name="log">Counts requests.</param>
/// <param name="latency">How long every request takes at least.</param>
/// <param name="logger">For what should not happen.</param>
internal sealed partial class RequestPipeline(
    Authorizer authorizer, RequestDispatcher dispatcher, FaultPlan faults, RequestLog log, Func<TimeSpan> latency, ILogger<RequestPipeline> logger)
{
    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var address = ResourceAddress.Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        CosmosRequest request;
        try
        {
            var method = context.Request.Method.ToUpperInvariant();
            var operation = CosmosRequest.Classify(method, address, context.Request.Headers);
            request = new CosmosRequest(operation, address, method, context.Request.Headers, await ReadBodyAsync(context));
        }
        catch (RefusedException refusal)
        {
            await WriteAsync(context, CosmosAnswer.Of(refusal));
            return;
        }

        var fault = faults.Take(request.Operation, address.Container);
        var delay = latency() + (fault?.Delay ?? TimeSpan.Zero);
        if (delay > TimeSpan.Zero) await Task.Delay(delay, context.RequestAborted);

        var strikes = fault is { OnlyDelay: false };
        var answer = strikes && !fault!.AfterEffect ? null : await RunAsync(request);
        if (strikes) answer = fault!.Status is { } status ? Injected(fault, status) with { Charge = answer?.Charge ?? 0 } : null;
        log.Add(request.Operation, address.Container, answer?.Status ?? 0, answer?.Charge ?? 0);
        if (answer is null) context.Abort();
        else await WriteAsync(context, answer);
    }

    private static CosmosAnswer Injected(Fault fault, int status) =>
        CosmosAnswer.Error(status, fault.SubStatus, "The simulator was asked for this fault.") with { RetryAfter = fault.RetryAfter };

    private async Task<CosmosAnswer> RunAsync(CosmosRequest request)
    {
        try
        {
            authorizer.Check(request);
            return await dispatcher.RunAsync(request);
        }
        catch (RefusedException refusal)
        {
            return CosmosAnswer.Of(refusal);
        }
        catch (Exception failure)
        {
            // A bug of the simulator must reach the client as an error and the developer with its stack.
            LogFailure(failure, request.Operation);
            return CosmosAnswer.Error(500, SubStatus.None, $"The simulator failed: {failure.Message}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null or 0 && !context.Request.Headers.TransferEncoding.Any()) return default;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static async Task WriteAsync(HttpContext context, CosmosAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers[CosmosHeaders.ActivityId] = context.Request.Headers[CosmosHeaders.ActivityId] is [{ } activity] ? activity : Guid.NewGuid().ToString();
        response.Headers[CosmosHeaders.Charge] = answer.Charge.ToString("0.##", CultureInfo.InvariantCulture);
        if (answer.SubStatus != SubStatus.None) response.Headers[CosmosHeaders.SubStatus] = answer.SubStatus.ToString(CultureInfo.InvariantCulture);
        if (answer.ETag is not null) response.Headers.ETag = answer.ETag;
        if (answer.SessionToken is not null) response.Headers[CosmosHeaders.SessionToken] = answer.SessionToken;
        if (answer.OwnerId is not null) response.Headers[CosmosHeaders.OwnerId] = answer.OwnerId;
        if (answer.Continuation is not null) response.Headers[CosmosHeaders.Continuation] = answer.Continuation;
        if (answer.ItemCount is { } count) response.Headers[CosmosHeaders.ItemCount] = count.ToString(CultureInfo.InvariantCulture);
        if (answer.RetryAfter is { } wait) response.Headers[CosmosHeaders.RetryAfterMilliseconds] = Math.Ceiling(wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (answer.Status is 204 or 304) return;

        response.ContentLength = answer.Body.Length;
        if (answer.Body.IsEmpty) return;
        response.ContentType = answer.IsBinary ? "application/octet-stream" : "application/json";
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Operation} failed.")]
    private partial void LogFailure(Exception failure, RequestKind operation);
}
