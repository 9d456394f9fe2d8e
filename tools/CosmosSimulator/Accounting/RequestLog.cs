using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Accounting;

/// <summary>Counts of one kind of request.</summary>
/// <param name="Container">Id of the container; empty for requests about none.</param>
/// <param name="Operation">What they wanted.</param>
/// <param name="Requests">How many came, whatever became of them.</param>
/// <param name="Refused">How many were answered with 400 or above, a failed batch included.</param>
/// <param name="Throttled">How many of those with 429.</param>
/// <param name="Charge">What they cost together, request units.</param>
internal sealed record RequestCount(string Container, RequestKind Operation, long Requests, long Refused, long Throttled, double Charge);

/// <summary>Counts requests by container and operation.</summary>
internal sealed class RequestLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Container, RequestKind Operation), RequestCount> _counts = [];

    /// <summary>All counts since the start or the last reset.</summary>
    public IReadOnlyList<RequestCount> Counts
    {
        get
        {
            lock (_gate) return [.. _counts.Values.OrderBy(count => count.Container, StringComparer.Ordinal).ThenBy(count => count.Operation)];
        }
    }

    /// <summary>How many requests of a kind came.</summary>
    /// <param name="operation">The kind; null for all.</param>
    /// <param name="container">Id of the container; null for all.</param>
    public long Requests(RequestKind? operation = null, string? container = null) => Matching(operation, container).Sum(count => count.Requests);

    /// <summary>What requests of a kind cost, request units.</summary>
    /// <param name="operation">The kind; null for all.</param>
    /// <param name="container">Id of the container; null for all.</param>
    public double Charge(RequestKind? operation = null, string? container = null) => Matching(operation, container).Sum(count => count.Charge);

    /// <summary>Counts a request.</summary>
    public void Add(RequestKind operation, string? container, int status, double charge)
    {
        lock (_gate)
        {
            var key = (container ?? "", operation);
            var before = _counts.GetValueOrDefault(key) ?? new RequestCount(key.Item1, operation, 0, 0, 0, 0);
            _counts[key] = before with
            {
                Requests = before.Requests + 1,
                Refused = before.Refused + (status is >= 400 or 207 ? 1 : 0),
                Throttled = before.Throttled + (status == 429 ? 1 : 0),
                Charge = before.Charge + charge,
            };
        }
    }

    /// <summary>Begins again at 0.</summary>
    public void Reset()
    {
        lock (_gate) _counts.Clear();
    }

    private IEnumerable<RequestCount> Matching(RequestKind? operation, string? container) => Counts.Where(count =>
        (operation is null || count.Operation == operation) && (container is null || count.Container == container));
}
