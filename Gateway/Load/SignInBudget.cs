using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Load;

/// <summary>
/// How many sign-ins may be looked up in vain: a token bucket for each payer, which is an address or a drone. A look-up takes a token beforehand, so that
/// no number of simultaneous requests gets past it, and gives it back when the sign-in was good; so callers in good standing pay nothing.
/// </summary>
internal sealed class SignInBudget(IOptions<RateLimitOptions> options, TimeProvider time)
{
    // Beyond so many that are not full, all others share one.
    private const int Capacity = 20_000;
    private const string Others = "";

    private readonly FailureLimit _limit = options.Value.FailedSignIns;
    private readonly bool _isOn = options.Value.Enabled ?? true;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (double Tokens, long At)> _buckets = [];
    private long _swept = time.GetTimestamp();

    /// <summary>Takes a token.</summary>
    /// <param name="payer">Whose.</param>
    /// <param name="retryAfter">When there is none: how long until there is.</param>
    public bool TryTake(string payer, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        if (!_isOn) return true;
        lock (_lock)
        {
            var name = Name(payer);
            var tokens = Tokens(name);
            if (tokens < 1)
            {
                retryAfter = TimeSpan.FromSeconds((1 - tokens) / _limit.PerSecond);
                return false;
            }

            _buckets[name] = (tokens - 1, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>Gives a token back.</summary>
    public void GiveBack(string payer)
    {
        if (!_isOn) return;
        lock (_lock)
        {
            var name = _buckets.ContainsKey(payer) ? payer : Others;
            _buckets[name] = (Math.Min(_limit.Burst, Tokens(name) + 1), time.GetTimestamp());
        }
    }

    private double Tokens(string name) => _buckets.TryGetValue(name, out var bucket)
        ? Math.Min(_limit.Burst, bucket.Tokens + (time.GetElapsedTime(bucket.At).TotalSeconds * _limit.PerSecond))
        : _limit.Burst;

    private string Name(string payer)
    {
        if (_buckets.Count < Capacity || _buckets.ContainsKey(payer)) return payer;
        if (time.GetElapsedTime(_swept) >= TimeSpan.FromSeconds(1))
        {
            _swept = time.GetTimestamp();
            foreach (var name in _buckets.Keys)
            {
                if (Tokens(name) >= _limit.Burst) _buckets.Remove(name);
            }
        }

        return _buckets.Count < Capacity ? payer : Others;
    }
}
