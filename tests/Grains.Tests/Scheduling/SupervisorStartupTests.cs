using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Scheduling;

/// <summary>Silos keep the shards alive together, each its share.</summary>
public sealed class SupervisorStartupTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<long> _woken = [];
    private readonly List<SiloAddress> _silos = [.. Enumerable.Range(1, 3).Select(number => SiloAddress.New(IPAddress.Loopback, 11_000 + number, 1))];

    [Fact]
    public async Task Silos_wake_every_shard_once_together()
    {
        foreach (var silo in _silos) await Started(silo);
        Assert.Equal(Enumerable.Range(0, SupervisorShards.Count).Select(shard => (long)shard), _woken.Order());
    }

    [Fact]
    public async Task Share_of_a_silo_that_died_is_taken_over_within_a_period()
    {
        var (survivor, dead) = (_silos[0], _silos[1]);
        await Started(survivor);
        Assert.InRange(_woken.Count, 1, SupervisorShards.Count / 2);
        _woken.Clear();
        _silos.RemoveAll(silo => silo != survivor);
        Assert.DoesNotContain(dead, _silos);
        _time.Advance(SupervisorStartup.Period);
        await Eventually.Get(() => Task.FromResult(_woken.Distinct().Count()), count => count == SupervisorShards.Count);
    }

    [Fact]
    public async Task Waking_ends_with_the_silo()
    {
        var lifecycle = await Started(_silos[0]);
        await lifecycle.Stopping!(CancellationToken.None); // Returns when the loop has ended.
        _woken.Clear();
        _time.Advance(10 * SupervisorStartup.Period);
        Assert.Empty(_woken);
    }

    private async Task<Lifecycle> Started(SiloAddress silo)
    {
        var grains = Proxy.Of<IGrainFactory>((method, arguments) => Proxy.Of<ISupervisorGrain>((_, _) =>
        {
            _woken.Enqueue((long)arguments[0]!);
            return Task.CompletedTask;
        }));
        var silos = Proxy.Of<ISiloStatusOracle>((method, _) => method.Name == "get_SiloAddress" ? silo : _silos.ToDictionary(address => address, _ => SiloStatus.Active));
        var lifecycle = new Lifecycle();
        new SupervisorStartup(grains, silos, _time, NullLogger<SupervisorStartup>.Instance).Participate(lifecycle);
        await lifecycle.Starting!(CancellationToken.None);
        return lifecycle;
    }

    private sealed class Lifecycle : ISiloLifecycle
    {
        public Func<CancellationToken, Task>? Starting { get; private set; }

        public Func<CancellationToken, Task>? Stopping { get; private set; }

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Assert.Equal(ServiceLifecycleStage.Active, stage);
            (Starting, Stopping) = (observer.OnStart, observer.OnStop);
            return new CancellationTokenSource();
        }
    }

#pragma warning disable CA1852 // Proxies are derived from it at run time.
    internal class Proxy : DispatchProxy
    {
        private Func<MethodInfo, object?[], object?> _invoke = null!;

        public static T Of<T>(Func<MethodInfo, object?[], object?> invoke) where T : class
        {
            var proxy = Create<T, Proxy>();
            ((Proxy)(object)proxy)._invoke = invoke;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _invoke(targetMethod!, args ?? []);
    }
#pragma warning restore CA1852
}
