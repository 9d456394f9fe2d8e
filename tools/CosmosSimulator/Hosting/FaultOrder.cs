using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>A fault as it is asked for over HTTP: a status, a reset, or a delay alone.</summary>
internal sealed record FaultOrder
{
    /// <summary>HTTP status of the answer.</summary>
    public int? Status { get; init; }

    /// <summary>Sub-status code of the answer.</summary>
    public int SubStatus { get; init; }

    /// <summary>Break the connection instead of answering.</summary>
    public bool Reset { get; init; }

    /// <summary>Let the request take effect first.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>Milliseconds to wait first.</summary>
    public double DelayMilliseconds { get; init; }

    /// <summary>Milliseconds that a throttled client is told to wait.</summary>
    public double? RetryAfterMilliseconds { get; init; }

    /// <summary>Kind of the requests it strikes; all without it.</summary>
    public RequestKind? Operation { get; init; }

    /// <summary>Container of the requests it strikes; all without it.</summary>
    public string? Container { get; init; }

    /// <summary>How many go by unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>How many it strikes; 0 for all.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The fault.</summary>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public Fault ToFault()
    {
        if (Status is not null && Reset) throw new ArgumentException("A fault has a status or resets the connection, not both.");
        if (Status is < 400 or > 599) throw new ArgumentException($"The status {Status} is no error; it is between 400 and 599.");
        if (Status is null && !Reset && DelayMilliseconds <= 0) throw new ArgumentException("A fault needs a status, a reset or a delay.");
        if (Skip < 0 || Count < 0 || DelayMilliseconds < 0 || RetryAfterMilliseconds < 0) throw new ArgumentException("A number of a fault is negative.");
        return new Fault
        {
            Status = Status,
            SubStatus = SubStatus,
            AfterEffect = AfterEffect,
            OnlyDelay = Status is null && !Reset,
            Delay = TimeSpan.FromMilliseconds(DelayMilliseconds),
            RetryAfter = RetryAfterMilliseconds is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
            Operation = Operation,
            Container = Container,
            Skip = Skip,
            Count = Count == 0 ? null : Count,
        };
    }

    /// <summary>What is left of a fault.</summary>
    public static FaultOrder Of(Fault fault) => new()
    {
        Status = fault.Status,
        SubStatus = fault.SubStatus,
        Reset = fault is { Status: null, OnlyDelay: false },
        AfterEffect = fault.AfterEffect,
        DelayMilliseconds = fault.Delay.TotalMilliseconds,
        RetryAfterMilliseconds = fault.RetryAfter?.TotalMilliseconds,
        Operation = fault.Operation,
        Container = fault.Container,
        Skip = fault.Skip,
        Count = fault.Count ?? 0,
    };
}
