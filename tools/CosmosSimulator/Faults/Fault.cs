using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Faults;

/// <summary>Something that shall go wrong.</summary>
internal sealed record Fault
{
    /// <summary>HTTP status of the answer, such as 408, 410, 429, 449 or 503; null to break the connection without an answer.</summary>
    public int? Status { get; init; }

    /// <summary>Sub-status code of the answer.</summary>
    public int SubStatus { get; init; }

    /// <summary>Whether the request takes effect before the fault strikes, so that only its answer is lost.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>Whether the request runs and is answered as ever; only <see cref="Delay"/> holds it up.</summary>
    public bool OnlyDelay { get; init; }

    /// <summary>How long to wait before anything else.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>What a throttled client is told to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Which requests it strikes; null for all.</summary>
    public RequestKind? Operation { get; init; }

    /// <summary>Id of the container whose requests it strikes; null for all.</summary>
    public string? Container { get; init; }

    /// <summary>How many matching requests go by unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>How many matching requests it strikes then; null for all.</summary>
    public int? Count { get; init; } = 1;

    /// <summary>An error instead of the effect.</summary>
    public static Fault Answer(int status, int subStatus = Protocol.SubStatus.None) => new() { Status = status, SubStatus = subStatus };

    /// <summary>429 with a time to wait.</summary>
    public static Fault Throttled(TimeSpan retryAfter) => new() { Status = 429, SubStatus = Protocol.SubStatus.ThroughputExceeded, RetryAfter = retryAfter };

    /// <summary>The connection breaks before the request takes effect.</summary>
    public static Fault Reset() => new();

    /// <summary>The request takes effect, then the connection breaks.</summary>
    public static Fault LostAnswer() => new() { AfterEffect = true };

    /// <summary>The request takes effect, then an error is answered.</summary>
    public static Fault AnswerAfterEffect(int status, int subStatus = Protocol.SubStatus.None) =>
        new() { Status = status, SubStatus = subStatus, AfterEffect = true };

    /// <summary>The request is held up.</summary>
    public static Fault Delayed(TimeSpan delay) => new() { Delay = delay, OnlyDelay = true };

    /// <summary>The same, only for one kind of request.</summary>
    public Fault On(RequestKind operation) => this with { Operation = operation };

    /// <summary>The same, only for one container.</summary>
    public Fault In(string container) => this with { Container = container };

    /// <summary>The same, for a number of requests; null for all.</summary>
    public Fault Times(int? count) => this with { Count = count };

    /// <summary>The same, after a number of requests have gone by.</summary>
    public Fault After(int skip) => this with { Skip = skip };

    /// <summary>Whether it is about such a request.</summary>
    public bool Matches(RequestKind operation, string? container) =>
        (Operation is null || Operation == operation) && (Container is null || Container == container);
}
