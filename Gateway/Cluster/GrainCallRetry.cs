using DroneDelivery.Scheduling;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>
/// Repeats grain calls that failed for a passing reason, until the budget is spent or the HTTP client has gone.
/// Orleans lets a filter invoke its context any number of times: each time sends the same request as a new message
/// and a failed attempt throws.
/// </summary>
internal sealed partial class GrainCallRetry : IOutgoingGrainCallFilter
{
    private static readonly ResiliencePropertyKey<long> StartedAt = new("started-at");

    private readonly ClusterConnection _cluster;
    private readonly IHttpContextAccessor _http;
    private readonly TimeProvider _time;
    private readonly GrainCallRetryOptions _options;
    private readonly ILogger<GrainCallRetry> _logger;
    private readonly ResiliencePipeline _pipeline;

    public GrainCallRetry(
        ClusterConnection cluster,
        IHttpContextAccessor http,
        TimeProvider time,
        IOptions<GrainCallRetryOptions> options,
        ILogger<GrainCallRetry> logger)
    {
        (_cluster, _http, _time, _options, _logger) = (cluster, http, time, options.Value, logger);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _options.FirstDelay,
                MaxDelay = _options.MaxDelay,
                ShouldHandle = args => ValueTask.FromResult(ShouldRepeat(args.Context, args.Outcome.Exception)),
                OnRetry = args =>
                {
                    LogRepeating(_logger, args.AttemptNumber + 1, args.RetryDelay.TotalMilliseconds, args.Outcome.Exception!.GetType().Name);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        // Orleans' own calls (manifest, dashboard) have their own ways to recover.
        return context.InterfaceMethod.DeclaringType?.Assembly == typeof(IDeliveryRequestGrain).Assembly ? InvokeWithRetries(context) : context.Invoke();
    }

    private async Task InvokeWithRetries(IOutgoingGrainCallContext call)
    {
        if (!_cluster.HasStarted) throw new SiloUnavailableException("No silo has been connected yet.");

        var attempts = ResilienceContextPool.Shared.Get(_http.HttpContext?.RequestAborted ?? CancellationToken.None);
        try
        {
            attempts.Properties.Set(StartedAt, _time.GetTimestamp());
            await _pipeline.ExecuteAsync(static (_, call) => new ValueTask(call.Invoke()), attempts, call);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(attempts);
        }
    }

    private bool ShouldRepeat(ResilienceContext attempts, Exception? exception) =>
        TransientFaults.IsRetryable(exception)
        && _time.GetElapsedTime(attempts.Properties.GetValue(StartedAt, 0)) < _options.Budget
        && _cluster.LostFor < _options.GiveUpWhenDisconnectedFor;

    [LoggerMessage(LogLevel.Information, "Grain call failed with {Fault}; repetition {Attempt} in {Delay:F0} ms")]
    private static partial void LogRepeating(ILogger logger, int attempt, double delay, string fault);
}
