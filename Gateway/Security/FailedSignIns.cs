using System.Diagnostics.Metrics;

namespace DroneDelivery.Gateway.Security;

/// <summary>Why a sign-in failed.</summary>
internal enum SignInFault
{
    /// <summary>A drone key that cannot be read.</summary>
    Malformed,

    /// <summary>A drone key with a wrong MAC, or without one where none is accepted.</summary>
    Forged,

    /// <summary>A drone key that its drone does not have, or no longer.</summary>
    Void,

    /// <summary>A drone key that was not looked up, since too many others failed.</summary>
    TooMany,

    /// <summary>A token that is not valid.</summary>
    Token,
}

/// <summary>
/// Counts sign-ins that fail, in counter <c>dronedelivery.gateway.failed_sign_ins</c>, and logs how many there were: one line a minute, so that a flood fills no log.
/// </summary>
internal sealed partial class FailedSignIns : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Counter<long> _counter;
    private readonly ILogger<FailedSignIns> _logger;
    private readonly ITimer _timer;
    private int _sinceLine;

    public FailedSignIns(IMeterFactory meters, TimeProvider time, ILogger<FailedSignIns> logger)
    {
        _counter = meters.Create("DroneDelivery.Gateway").CreateCounter<long>(
            "dronedelivery.gateway.failed_sign_ins", "{sign-in}", "Sign-ins that failed, by fault: Malformed, Forged, Void, TooMany, Token.");
        _logger = logger;
        _timer = time.CreateTimer(_ => Write(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts one.</summary>
    public void Note(SignInFault fault)
    {
        _counter.Add(1, new KeyValuePair<string, object?>("fault", fault.ToString()));
        if (Interlocked.Increment(ref _sinceLine) == 1) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Write();
    }

    private void Write()
    {
        if (Interlocked.Exchange(ref _sinceLine, 0) is var count and > 0) LogFailed(_logger, count, Period.TotalSeconds);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} sign-ins failed within {Seconds} s")]
    private static partial void LogFailed(ILogger logger, int count, double seconds);
}
