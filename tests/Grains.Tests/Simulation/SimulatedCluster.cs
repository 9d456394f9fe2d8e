using System.Reflection;
using System.Runtime.ExceptionServices;
using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Navigation;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Timers;

namespace DroneDelivery.Simulation;

/// <summary>
/// Runs the real grain classes on one thread, with simulated time, messages, activations and stores. Whatever can happen next is an
/// event, and the test picks which one does: so every interleaving, crash and lost message can be had again from the same choices.
/// Turns are as in Orleans: one call at a time for an activation, unless the class or the method says otherwise.
/// </summary>
internal sealed class SimulatedCluster
{
    private static readonly Dictionary<Type, (string Name, Type Class)> Kinds = new()
    {
        [typeof(IDeliveryRequestGrain)] = ("delivery-request", typeof(DeliveryRequestGrain)),
        [typeof(ISupervisorGrain)] = ("supervisor", typeof(SupervisorGrain)),
        [typeof(IDispatchQueueGrain)] = ("dispatch-queue", typeof(DispatchQueueGrain)),
        [typeof(IDeliveryGrain)] = ("delivery", typeof(DeliveryGrain)),
        [typeof(IDroneGrain)] = ("drone", typeof(DroneGrain)),
        [typeof(IAirspaceCellGrain)] = ("airspace-cell", typeof(AirspaceCellGrain)),
        [typeof(IPackageGrain)] = ("package", typeof(PackageGrain)),
        [typeof(IAccountGrain)] = ("account", typeof(AccountGrain)),
        [typeof(IOwnerLedgerGrain)] = ("owner-ledger", typeof(OwnerLedgerGrain)),
        [typeof(ILedgerPartGrain)] = ("ledger-part", typeof(LedgerPartGrain)),
        [typeof(IOwnerNotificationsGrain)] = ("owner-notifications", typeof(OwnerNotificationsGrain)),
        [typeof(IWeatherGrain)] = ("weather", typeof(WeatherGrain)),
        [typeof(IFleetGrain)] = ("fleet", typeof(FleetGrain)),
        [typeof(ITransportPartnerGrain)] = ("transport-partner", typeof(TransportPartnerGrain)),
        [typeof(IConfirmationGrain)] = ("confirmation", typeof(ConfirmationGrain)),
        [typeof(IConfirmationDayGrain)] = ("confirmation-day", typeof(ConfirmationDayGrain)),
        [typeof(IConfirmationSweeperGrain)] = ("confirmation-sweeper", typeof(ConfirmationSweeperGrain)),
        [typeof(IArchivedDeliveryGrain)] = ("archived-delivery", typeof(ArchivedDeliveryGrain)),
        [typeof(IArchiverGrain)] = ("archiver", typeof(ArchiverGrain)),
        [typeof(IOwnerErasureGrain)] = ("owner-erasure", typeof(OwnerErasureGrain)),
        [typeof(ISubscriptionGrain)] = ("subscription", typeof(SubscriptionGrain)),
        [typeof(ISubscriptionWatchGrain)] = ("subscription-watch", typeof(SubscriptionWatchGrain)),
    };

    private readonly Dictionary<GrainId, Activation> _activations = [];
    private readonly IServiceProvider _services;
    private readonly List<Timer> _timers = [];
    private int _activationCount;

    public SimulatedCluster(SchedulingOptions scheduling, DroneOptions drones, NoFlyZones? zones = null)
    {
        Stores = new SimulatedStores(this);
        Index = new SimulatedIndex(this);
        Partner = new SimulatedPartner(this);
        Receivers = new SimulatedReceivers(this);
        Grains = Factory(null);
        _services = new ServiceCollection()
            .AddSingleton(Options.Create(scheduling))
            .AddSingleton(Options.Create(drones))
            .AddSingleton(Options.Create(Notifications))
            .AddSingleton<IEventChannels>(Receivers)
            .AddTransient<SecretSeal>() // Keys change between two lives.
            .AddSingleton(Options.Create(Confirmations))
            .AddSingleton(Options.Create(Archive))
            .AddMetrics()
            .AddSingleton<ArchiveMetrics>()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IDeliveryIndex>(Index)
            .AddSingleton<ITransportPartner>(Partner)
            .AddSingleton(zones ?? NoFlyZones.None)
            .AddSingleton(Options.Create(new ThirdPartyOptions { PollInterval = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromSeconds(2), LastRetry = TimeSpan.FromSeconds(10) }))
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton(DispatchProxy.Create<IReminderRegistry, Reminders>())
            .BuildServiceProvider();
    }

    /// <summary>What can happen next, oldest first.</summary>
    public List<Event> Events { get; } = [];

    /// <summary>Calls that wait for an answer.</summary>
    public List<Call> Open { get; } = [];

    public SimulatedTime Time { get; } = new();

    public SimulatedStores Stores { get; }

    public SimulatedIndex Index { get; }

    public SimulatedPartner Partner { get; }

    public SimulatedReceivers Receivers { get; }

    public ConfirmationOptions Confirmations { get; } = new();

    public ArchiveOptions Archive { get; } = new();

    public NotificationOptions Notifications { get; } = new()
    {
        QueueCapacity = 100,
        FirstRetry = TimeSpan.FromSeconds(1),
        LastRetry = TimeSpan.FromSeconds(20),
        GiveUpAfter = TimeSpan.FromHours(2),
        WatchInterval = TimeSpan.FromSeconds(10),
        WatchFor = TimeSpan.FromSeconds(30),
    };

    /// <summary>For clients outside the cluster.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Sees, changes or answers every call before it is executed; a test of the tests.</summary>
    public Func<Call, bool>? Intercept { get; set; }

    /// <summary>Called with every call that a grain has executed, and its result, before its answer is under way.</summary>
    public Action<Call, object?>? Executed { get; set; }

    public IReadOnlyList<GrainId> Activations => [.. _activations.Keys];

    public static GrainId Id<T>(string key) => GrainId.Create(Kinds[typeof(T)].Name, key);

    public static GrainId Id<T>(long key) => GrainId.Create(GrainType.Create(Kinds[typeof(T)].Name), GrainIdKeyExtensions.CreateIntegerKey(key));

    /// <summary>Runs one event.</summary>
    public void Run(int index)
    {
        var next = Events[index];
        Events.RemoveAt(index);
        next.Run();
    }

    /// <summary>Runs events in the order in which they came, until none is left.</summary>
    public void RunAll(int most = 100_000)
    {
        for (var count = 0; Events.Count > 0; count++)
        {
            if (count > most) throw new InvalidOperationException("The cluster does not come to rest.");
            Run(0);
        }
    }

    /// <summary>Lets time pass to the next timer, at most so long; its tick becomes an event.</summary>
    public void Pass(TimeSpan most)
    {
        var until = Time.Now + most;
        var next = _timers.Where(timer => timer.Due is not null).MinBy(timer => timer.Due);
        Time.Now = next?.Due < until ? next.Due!.Value > Time.Now ? next.Due.Value : Time.Now : until;
        foreach (var timer in _timers.Where(timer => timer.Due <= Time.Now).ToList()) timer.Tick();
    }

    /// <summary>An activation is gone, as with its silo: what it was doing is never finished; its callers get an error.</summary>
    public void Kill(GrainId id, Exception? why = null)
    {
        if (!_activations.Remove(id, out var activation)) return;
        activation.Dead = true;
        _timers.RemoveAll(timer => timer.Owner == activation);
        Events.RemoveAll(next => next.Owner == activation);
        foreach (var call in activation.Waiting.Concat(activation.Executing).ToList()) Answer(call, () => call.Fail(why ?? new SiloUnavailableException("The silo died.")));
    }

    /// <summary>A caller gives up waiting; the call goes on.</summary>
    public static void TimeOut(Call call) => call.Fail(new TimeoutException("No answer came."));

    private IGrainFactory Factory(Activation? caller)
    {
        var factory = DispatchProxy.Create<IGrainFactory, GrainFactoryProxy>();
        ((GrainFactoryProxy)(object)factory).Get = (type, key) =>
        {
            var reference = (Reference)typeof(DispatchProxy).GetMethod(nameof(DispatchProxy.Create), 2, [])!.MakeGenericMethod(type, typeof(Reference)).Invoke(null, null)!;
            var id = key is long number
                ? GrainId.Create(GrainType.Create(Kinds[type].Name), GrainIdKeyExtensions.CreateIntegerKey(number))
                : GrainId.Create(Kinds[type].Name, (string)key);
            reference.Send = (method, arguments) => Send(caller, id, type, method, arguments);
            return reference;
        };
        return factory;
    }

    private object Send(Activation? caller, GrainId target, Type type, MethodInfo method, object?[] arguments)
    {
        var call = new Call(caller, target, type, method, arguments);
        if (method.GetCustomAttribute<OneWayAttribute>() is not null) call.Succeed(null);
        else Open.Add(call);
        Events.Add(new Event($"{method.Name} to {target}", null, () => Deliver(call)));
        return call.Returned;
    }

    private void Deliver(Call call)
    {
        if (Intercept?.Invoke(call) == true)
        {
            Open.Remove(call);
            return;
        }

        if (!_activations.TryGetValue(call.Target, out var activation))
        {
            activation = new Activation(this, call.Target, ++_activationCount, Kinds[call.Interface].Class);
            _activations.Add(call.Target, activation);
            activation.Start(_services, Factory(activation));
        }

        activation.Waiting.Add(call);
        activation.Pump();
    }

    private void Answer(Call call, Action answer)
    {
        call.Executor?.Executing.Remove(call);
        Events.Add(new Event($"answer of {call.Method.Name} from {call.Target}", null, () =>
        {
            Open.Remove(call);
            answer();
        }));
    }

    /// <summary>Something that can happen.</summary>
    internal sealed record Event(string What, Activation? Owner, Action Run);

    /// <summary>A grain call.</summary>
    internal sealed class Call(Activation? caller, GrainId target, Type type, MethodInfo method, object?[] arguments)
    {
        private readonly Completion _completion = Completion.For(method.ReturnType);

        public Activation? Caller => caller;

        public GrainId Target => target;

        public Type Interface => type;

        public MethodInfo Method => method;

        public object?[] Arguments => arguments;

        public Activation? Executor { get; set; }

        public object Returned => _completion.Returned;

        public void Succeed(object? result) => _completion.Succeed(result);

        public void Fail(Exception failure) => _completion.Fail(failure);
    }

    /// <summary>One life of a grain.</summary>
    internal sealed class Activation(SimulatedCluster cluster, GrainId id, int number, Type type)
    {
        private Grain? _grain;
        private bool _ready;

        public GrainId Id => id;

        public int Number => number;

        public bool Dead { get; set; }

        public List<Call> Waiting { get; } = [];

        public List<Call> Executing { get; } = [];

        // Timer callbacks that run like calls.
        public int Ticking { get; set; }

        private bool Leaving { get; set; }

        private bool IsReentrant { get; } = type.GetCustomAttribute<ReentrantAttribute>() is not null;

        public void Start(IServiceProvider services, IGrainFactory factory)
        {
            var constructor = type.GetConstructors().Single();
            var arguments = constructor.GetParameters().Select(parameter =>
                parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state
                    ? cluster.Stores.Open(parameter.ParameterType.GenericTypeArguments[0], state, this)
                    : services.GetRequiredService(parameter.ParameterType)).ToArray();
            _grain = (Grain)constructor.Invoke(arguments);
            var context = DispatchProxy.Create<IGrainContext, Context>();
            ((Context)(object)context).Get = member => member switch
            {
                "get_GrainId" => id,
                "get_ActivationServices" => services,
                "get_GrainInstance" => _grain,
                _ => throw new NotSupportedException(member),
            };
            Set("GrainContext", context);
            Set("Runtime", new Runtime(cluster, this, factory, services));
            Enter(async () =>
            {
                try
                {
                    await _grain.OnActivateAsync(CancellationToken.None);
                }
                catch (Exception failure)
                {
                    cluster.Kill(id, failure); // As in Orleans: whoever called it hears why.
                    return;
                }

                _ready = true;
                Pump();
            });
        }

        public void Pump()
        {
            if (!_ready || Dead) return;
            foreach (var call in Waiting.ToList())
            {
                var interleaves = IsReentrant || call.Method.GetCustomAttribute<AlwaysInterleaveAttribute>() is not null;
                if (Leaving || (!interleaves && (Ticking > 0 || Executing.Any(other => other.Method.GetCustomAttribute<AlwaysInterleaveAttribute>() is null)))) continue;
                Waiting.Remove(call);
                Executing.Add(call);
                call.Executor = this;
                Enter(() => Execute(call));
            }
        }

        /// <summary>Runs code of this activation; what it awaits comes back as an event.</summary>
        public void Enter(Func<Task> code)
        {
            var context = new TurnContext(cluster, this);
            var outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(context);
            try
            {
                code().ContinueWith(
                    task => cluster.Events.Insert(0, new Event($"failure outside a call of {id}", null, () => ExceptionDispatchInfo.Throw(task.Exception!.InnerException!))),
                    CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        }

        public void Leave()
        {
            Leaving = true;
            LeaveIfIdle();
        }

        private void LeaveIfIdle()
        {
            if (!Leaving || Dead || Executing.Count > 0 || Ticking > 0) return;
            var waiting = Waiting.ToList();
            Waiting.Clear();
            cluster.Kill(id);
            foreach (var call in waiting) cluster.Events.Add(new Event($"{call.Method.Name} again to {id}", null, () => cluster.Deliver(call)));
        }

        private async Task Execute(Call call)
        {
            object? result = null;
            Exception? failure = null;
            try
            {
                if (_grain is IIncomingGrainCallFilter filter) await filter.Invoke(Filtered(call, Invoke));
                else await Invoke();
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            if (failure is null) cluster.Executed?.Invoke(call, result);
            cluster.Answer(call, () =>
            {
                if (failure is null) call.Succeed(result);
                else call.Fail(failure);
            });
            LeaveIfIdle();
            Pump();

            async Task Invoke()
            {
                var returned = call.Method.Invoke(_grain, BindingFlags.DoNotWrapExceptions, null, call.Arguments, null)!;
                result = await Completion.Await(returned);
            }
        }

        private static IIncomingGrainCallContext Filtered(Call call, Func<Task> invoke)
        {
            var context = DispatchProxy.Create<IIncomingGrainCallContext, Context>();
            ((Context)(object)context).Get = member => member switch
            {
                "get_MethodName" => call.Method.Name,
                nameof(IIncomingGrainCallContext.Invoke) => invoke(),
                _ => throw new NotSupportedException(member),
            };
            return context;
        }

        public async Task Tick(Func<Task> callback, bool interleaves)
        {
            if (!interleaves) Ticking++;
            try
            {
                await callback();
            }
            catch (Exception)
            {
                // As in Orleans: a timer goes on after a failure.
            }

            if (!interleaves) Ticking--;
            LeaveIfIdle();
            Pump();
        }

        public bool IsBusy => !_ready || Leaving || Ticking > 0 || Executing.Any(other => other.Method.GetCustomAttribute<AlwaysInterleaveAttribute>() is null);

        private void Set(string property, object value) =>
            typeof(Grain).GetField($"<{property}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(_grain, value);
    }

    private sealed class TurnContext(SimulatedCluster cluster, Activation owner) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            if (owner.Dead) return;
            cluster.Events.Add(new Event($"continuation of {owner.Id}", owner, () =>
            {
                var outer = Current;
                SetSynchronizationContext(this);
                try
                {
                    d(state);
                }
                finally
                {
                    SetSynchronizationContext(outer);
                }
            }));
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }

    private sealed class Timer(SimulatedCluster cluster, Activation owner, Func<Task> callback, GrainTimerCreationOptions options) : IGrainTimer
    {
        private TimeSpan _period = options.Period;
        private bool _disposed;
        private bool _running;

        public Activation Owner => owner;

        public DateTimeOffset? Due { get; private set; } = cluster.Time.Now + options.DueTime;

        public void Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : cluster.Time.Now + dueTime;
            if (dueTime == TimeSpan.Zero) Tick();
        }

        public void Tick()
        {
            if (_running || _disposed) return;
            Due = null;
            _running = true;
            cluster.Events.Add(new Event($"timer of {owner.Id}", owner, Fire));
        }

        private void Fire()
        {
            if (_disposed) return;
            if (!options.Interleave && owner.IsBusy)
            {
                // It waits for its turn.
                _running = false;
                Due = cluster.Time.Now;
                if (cluster.Events.Count == 0) Tick();
                return;
            }

            owner.Enter(async () =>
            {
                await owner.Tick(callback, options.Interleave);
                _running = false;
                if (!_disposed && Due is null && _period != Timeout.InfiniteTimeSpan) Due = cluster.Time.Now + _period;
            });
        }

        public void Dispose()
        {
            _disposed = true;
            cluster._timers.Remove(this);
        }
    }

    private sealed class Runtime(SimulatedCluster cluster, Activation owner, IGrainFactory factory, IServiceProvider services) : IGrainRuntime, ITimerRegistry
    {
        public string SiloIdentity => "simulated";

        public SiloAddress SiloAddress => SiloAddress.Zero;

        public IGrainFactory GrainFactory => factory;

        public ITimerRegistry TimerRegistry => this;

        public IServiceProvider ServiceProvider => services;

        public void DeactivateOnIdle(IGrainContext grainContext) => owner.Leave();

        public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan)
        {
        }

        public Orleans.Core.IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) => throw new NotSupportedException();

        public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            throw new NotSupportedException();

        public IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        {
            var timer = new Timer(cluster, owner, () => callback(state, CancellationToken.None), options);
            cluster._timers.Add(timer);
            if (options.DueTime == TimeSpan.Zero) timer.Tick();
            return timer;
        }
    }

#pragma warning disable CA1852 // Proxies are derived from them at run time.
    internal class GrainFactoryProxy : DispatchProxy
    {
        public Func<Type, object, object> Get { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod is { Name: "GetGrain", IsGenericMethod: true }
            ? Get(targetMethod.ReturnType, args![0]!)
            : throw new NotSupportedException(targetMethod?.Name);
    }

    internal class Reference : DispatchProxy
    {
        public Func<MethodInfo, object?[], object> Send { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Send(targetMethod!, args ?? []);
    }

    internal class Context : DispatchProxy
    {
        public Func<string, object> Get { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Get(targetMethod!.Name);
    }

    internal class Reminders : DispatchProxy
    {
        // The simulation wakes the shards itself.
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Task.FromResult<IGrainReminder>(null!);
    }
#pragma warning restore CA1852
}

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>The task that a call returns, whatever its type.</summary>
internal abstract class Completion
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, Func<Completion>> Makers = new();

    public abstract object Returned { get; }

    public static Completion For(Type returned) => Makers.GetOrAdd(returned, static type =>
    {
        var result = type.IsGenericType ? type.GenericTypeArguments[0] : typeof(object);
        var asValue = type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
        var made = typeof(Of<>).MakeGenericType(result);
        return () => (Completion)Activator.CreateInstance(made, asValue, !type.IsGenericType)!;
    })();

    /// <summary>Awaits what a method returned and gives its result.</summary>
    public static async Task<object?> Await(object returned)
    {
        var type = returned.GetType();
        if (returned is ValueTask plain)
        {
            await plain;
            return null;
        }

        var task = returned as Task ?? (Task)type.GetMethod("AsTask")!.Invoke(returned, null)!;
        await task;
        var property = task.GetType().GetProperty("Result");
        return property is null || property.PropertyType.Name == "VoidTaskResult" ? null : property.GetValue(task);
    }

    public abstract void Succeed(object? result);

    public abstract void Fail(Exception failure);

    private sealed class Of<T>(bool asValue, bool isPlain) : Completion
    {
        private readonly TaskCompletionSource<T> _source = new();

        public override object Returned => (asValue, isPlain) switch
        {
            (true, true) => new ValueTask(_source.Task),
            (true, false) => new ValueTask<T>(_source.Task),
            _ => _source.Task,
        };

        public override void Succeed(object? result) => _source.TrySetResult((T)result!);

        public override void Fail(Exception failure) => _source.TrySetException(failure);
    }
}
