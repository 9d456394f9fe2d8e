using DroneDelivery.Gateway.Problems;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>Knows whether the Orleans client has a silo to talk to.</summary>
internal sealed class ClusterConnection(TimeProvider time, IOptions<GrainCallRetryOptions> options) : ILifecycleParticipant<IClusterClientLifecycle>
{
    private readonly Lock _lock = new();
    private bool _started;
    private int _silos;
    private long _lostAt = time.GetTimestamp();

    /// <summary>Whether the client knows the cluster's grains and has a connection to at least one silo.</summary>
    public bool IsConnected
    {
        get { lock (_lock) return _started && _silos > 0; }
    }

    /// <summary>Whether the client has started; before that it drops calls instead of failing them.</summary>
    public bool HasStarted
    {
        get { lock (_lock) return _started; }
    }

    /// <summary>For how long no silo has been connected; zero while one is.</summary>
    public TimeSpan LostFor
    {
        get { lock (_lock) return _silos > 0 ? TimeSpan.Zero : time.GetElapsedTime(_lostAt); }
    }

    /// <summary>Takes in the number of connected silos.</summary>
    public void CountChanged(int connected)
    {
        lock (_lock)
        {
            if (_silos > 0 && connected <= 0) _lostAt = time.GetTimestamp();
            _silos = connected;
        }
    }

    /// <summary>
    /// Endpoint filter: answers 503 at once until the client has started, before which it knows no grain, and while all silos are lost.
    /// </summary>
    public ValueTask<object?> Require(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        !HasStarted ? Unavailable("No silo has been connected yet.")
        : LostFor > options.Value.GiveUpWhenDisconnectedFor ? Unavailable("No silo is connected.")
        : next(context);

    private static ValueTask<object?> Unavailable(string reason) => ValueTask.FromResult<object?>(new UnavailableProblem(reason, TransientFaults.RetryAfter));

    /// <summary>The client is up and knows which grains there are.</summary>
    public void Started()
    {
        lock (_lock) _started = true;
    }

    void ILifecycleParticipant<IClusterClientLifecycle>.Participate(IClusterClientLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ClusterConnection), ServiceLifecycleStage.Active, _ =>
        {
            Started();
            return Task.CompletedTask;
        });
}
