using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Tracking;

/// <summary>
/// Looks at each delivery that somebody here watches, once for all its watchers of one account. They share one view, so a slow watcher
/// holds nothing back and a thousand of them hold no more than one; whoever was slow gets the newest view next.
/// </summary>
internal sealed partial class DeliveryWatches(IGrainFactory grains, TimeProvider time, IOptions<TrackingOptions> options, ILogger<DeliveryWatches> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string DeliveryId, CallerAccount Caller), Watch> _watches = [];
    private int _watchers;

    /// <summary>Whether as many watch as may.</summary>
    public bool IsFull
    {
        get { lock (_lock) return _watchers >= options.Value.MaxWatchers; }
    }

    /// <summary>How many deliveries are looked at, and how many watch them.</summary>
    public (int Deliveries, int Watchers) Count
    {
        get { lock (_lock) return (_watches.Count, _watchers); }
    }

    /// <summary>Begins to watch; null when there is no such delivery for the caller, which is asked again with each look. To be disposed.</summary>
    public async Task<Watcher?> Open(string deliveryId, CallerAccount caller)
    {
        Watch? watch;
        lock (_lock)
        {
            if (!_watches.TryGetValue((deliveryId, caller), out watch))
            {
                _watches[(deliveryId, caller)] = watch = new Watch(this, deliveryId, caller);
                watch.Begin();
            }

            watch.Users++;
            _watchers++;
        }

        var watcher = new Watcher(this, watch);
        try
        {
            if (await watch.First is not null) return watcher;
        }
        catch
        {
            watcher.Dispose();
            throw;
        }

        watcher.Dispose();
        return null;
    }

    private void Close(Watch watch)
    {
        lock (_lock)
        {
            _watchers--;
            if (--watch.Users > 0) return;
            _watches.Remove((watch.DeliveryId, watch.Caller));
        }

        watch.End();
    }

    private async Task<DeliveryView?> Read(string id, CallerAccount caller, DeliveryView? before)
    {
        var delivery = grains.GetGrain<IDeliveryGrain>(id);
        if (await delivery.GetStatus(caller) is { } status)
        {
            if (before is not null && before.Status == status) return before;
            return new DeliveryView(status, await delivery.GetHistory(caller) ?? []);
        }

        if (await grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller) is not { } request) return null;
        var expected = NotYetShipped.Status(request);
        return before is not null && before.Status == expected ? before : new DeliveryView(expected, NotYetShipped.History(request));
    }

    [LoggerMessage(LogLevel.Information, "Delivery {DeliveryId} cannot be looked at: {Fault}; its watchers wait")]
    private static partial void LogUnavailable(ILogger logger, string deliveryId, string fault);

    /// <summary>One that watches.</summary>
    public sealed class Watcher(DeliveryWatches watches, Watch watch) : IDisposable
    {
        private int _disposed;

        /// <summary>The newest view.</summary>
        public DeliveryView View => watch.View!;

        /// <summary>Whether the delivery is not there any more, as after its owner's erasure.</summary>
        public bool IsGone => watch.IsGone;

        /// <summary>Waits until the view is another one; false when it still is not after this time.</summary>
        public Task<bool> Changed(DeliveryView from, TimeSpan within, CancellationToken cancellationToken) => watch.Changed(from, within, cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0) watches.Close(watch);
        }
    }

    /// <summary>The looking at one delivery, for one account.</summary>
    public sealed class Watch(DeliveryWatches watches, string deliveryId, CallerAccount caller)
    {
        // A replica of the store that lags behind may miss it once.
        private const int MissesUntilGone = 3;

        private readonly CancellationTokenSource _end = new();
        private volatile int _misses;
        private volatile DeliveryView? _view;
        private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string DeliveryId { get; } = deliveryId;

        public CallerAccount Caller { get; } = caller;

        /// <summary>How many watch; under the lock of the watches.</summary>
        public int Users { get; set; }

        /// <summary>The first look.</summary>
        public Task<DeliveryView?> First { get; private set; } = Task.FromResult<DeliveryView?>(null);

        public DeliveryView? View => _view;

        /// <summary>Whether the delivery was found no more, several times in a row.</summary>
        public bool IsGone => _misses >= MissesUntilGone;

        public void Begin()
        {
            // Not part of the request that happens to be the first: neither its trace nor its cancellation.
            using var _ = ExecutionContext.SuppressFlow();
            First = Task.Run(async () => _view = await watches.Read(DeliveryId, Caller, null));
            Task.Run(Look).Ignore();
        }

        public void End() => _end.Cancel();

        public async Task<bool> Changed(DeliveryView from, TimeSpan within, CancellationToken cancellationToken)
        {
            // Taken before the view is compared, so that no change falls between the two.
            var changed = _changed.Task;
            if (!ReferenceEquals(_view, from)) return true;
            try
            {
                await changed.WaitAsync(within, watches.Time, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        private async Task Look()
        {
            if (await First is not { } view) return;
            var isAway = false;
            while (!view.IsFinal && !IsGone && !_end.IsCancellationRequested)
            {
                await Task.Delay(view.IsInFlight ? watches.Options.Pause : watches.Options.IdlePause, watches.Time, _end.Token);
                try
                {
                    var next = await watches.Read(DeliveryId, Caller, view);
                    isAway = false;
                    _misses = next is null ? _misses + 1 : 0;
                    if (ReferenceEquals(next, view) || (next is null && !IsGone)) continue;
                    _view = view = next ?? view;
                    Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                }
                catch (Exception exception) when (!_end.IsCancellationRequested)
                {
                    // A silo has died, or none is there: watchers keep their stream and hear of what happened meanwhile.
                    if (!isAway) LogUnavailable(watches.Logger, DeliveryId, exception.GetType().Name);
                    isAway = true;
                }
            }
        }
    }

    private TimeProvider Time => time;

    private TrackingOptions Options => options.Value;

    private ILogger Logger => logger;
}
