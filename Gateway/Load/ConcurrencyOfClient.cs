using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using DroneDelivery.Gateway.Cluster;

namespace DroneDelivery.Gateway.Load;

/// <summary>
/// What one client may have under way. Unlike the framework's limiter it says when to come back, which tells a client's own excess (429) from that of
/// everybody (503).
/// </summary>
internal sealed class ConcurrencyOfClient(int most) : RateLimiter
{
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = most, QueueLimit = 0 });

    public override TimeSpan? IdleDuration => _places.IdleDuration;

    public override RateLimiterStatistics? GetStatistics() => _places.GetStatistics();

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => OrRefusal(_places.AttemptAcquire(permitCount));

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        OrRefusal(await _places.AcquireAsync(permitCount, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing) _places.Dispose();
    }

    private static RateLimitLease OrRefusal(RateLimitLease lease) => lease.IsAcquired ? lease : Refusal.Instance;

    private sealed class Refusal : RateLimitLease
    {
        public static readonly Refusal Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? TransientFaults.RetryAfter : null;
            return metadata is not null;
        }
    }
}
