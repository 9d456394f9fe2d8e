using System.Diagnostics.Metrics;
using System.Reflection;
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
/// Turns are as in Orleans: one call at a time for an activation, unless the class or the method says otherwise. A grain can have two lives for a
/// moment: see <see cref="Split"/>.
/// </summary>
internal sealed partial class SimulatedCluster
{
    private static readonly Dictionary<Type, (string Name, Type Class)> Kinds = new()
    {
        [typeof(IDeliveryRequestGrain)] = ("delivery-request", typeof(DeliveryRequestGrain)),
        [typeof(ISupervisorGrain)] = ("supervisor", typeof(SupervisorGrain)),
        [typeof(IDeadLetterReplayGrain)] = ("dead-letter-replay", typeof(DeadLetterReplayGrain)),
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
    private readonly List<Activation> _strays = [];
    private readonly IServiceProvider _services;
    private readonly List<Timer> _timers = [];
    private int _activationCount;

    public SimulatedCluster(SchedulingOptions scheduling, DroneOptions drones, NoFlyZones? zones = null)
    {
        Drones = drones;
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
            .AddSingleton<SupervisionMetrics>()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IDeliveryIndex>(Index)
            .AddSingleton<ITransportPartner>(Partner)
            .AddSingleton(zones ?? NoFlyZones.None)
            .AddSingleton(services => new FlightReserve(services.GetRequiredService<IOptions<DroneOptions>>().Value.BatteryReserve))
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

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public DroneOptions Drones { get; }

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

    /// <summary>Lives that go on though the directory has moved on, oldest first.</summary>
    public IReadOnlyList<Activation> Strays => _strays;

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
    public void Kill(GrainId id)
    {
        if (_activations.TryGetValue(id, out var activation)) Kill(activation);
    }

    /// <summary>The same for one life of a grain.</summary>
    public void Kill(Activation activation, Exception? why = null)
    {
        if (activation.Dead) return;
        activation.Dead = true;
        if (!_strays.Remove(activation)) _activations.Remove(activation.Id);
        _timers.RemoveAll(timer => timer.Owner == activation);
        Events.RemoveAll(next => next.Owner == activation);
        foreach (var call in activation.Waiting.Concat(activation.Executing).ToList()) Answer(call, () => call.Fail(why ?? new SiloUnavailableException("The silo died.")));
    }

    /// <summary>
    /// The directory forgets a grain's activation, as when the silo that kept its entry is gone: the next call makes another. The old life goes on with what it
    /// was doing, with its timers, and with the calls of those who still know its address.
    /// </summary>
    /// <param name="id">The grain.</param>
    /// <param name="isReachedBy">Which later calls reach the old life.</param>
    /// <returns>The old life; null when there was none.</returns>
    public Activation? Split(GrainId id, Func<Call, bool>? isReachedBy = null)
    {
        if (!_activations.Remove(id, out var activation)) return null;
        if (isReachedBy is not null) activation.IsReachedBy = isReachedBy;
        _strays.Add(activation);
        return activation;
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

        var activation = _strays.FirstOrDefault(stray => stray.Id == call.Target && stray.IsReachedBy(call));
        if (activation is null && !_activations.TryGetValue(call.Target, out activation))
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
