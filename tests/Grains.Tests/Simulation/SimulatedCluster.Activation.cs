using System.Reflection;
using System.Runtime.ExceptionServices;
using DroneDelivery.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

namespace DroneDelivery.Simulation;

/// <summary>How an activation lives: its turns, and its timers.</summary>
internal sealed partial class SimulatedCluster
{
    /// <summary>One life of a grain.</summary>
    internal sealed class Activation(SimulatedCluster cluster, GrainId id, int number, Type type)
    {
        private Grain? _grain;
        private bool _ready;

        public GrainId Id => id;

        public int Number => number;

        public bool Dead { get; set; }

        /// <summary>Whether a call reaches this life although the directory knows another by now.</summary>
        public Func<Call, bool> IsReachedBy { get; set; } = _ => false;

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
            if (constructor.GetParameters().Any(parameter => parameter.GetCustomAttribute<PersistentStateAttribute>() is { } eager and not LazyStateAttribute && cluster.Stores.Away.Contains(eager.StorageName!)))
            {
                // As in Orleans: what the runtime reads for an activation fails as its own exception.
                cluster.Events.Add(new Event($"activation of {id} fails", this, () => cluster.Kill(this, new OrleansException("The state could not be read.", new IOException("The store is away.")))));
                return;
            }

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
                    cluster.Kill(this, failure); // As in Orleans: whoever called it hears why.
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
                if (!Waiting.Remove(call)) continue; // A call before it ended at once, and let it in already.
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
            cluster.Kill(this);
            foreach (var call in waiting) cluster.Events.Add(new Event($"{call.Method.Name} again to {id}", null, () => cluster.Deliver(call)));
        }

        private async Task Execute(Call call)
        {
            object? result = null;
            Exception? failure = null;
            try
            {
                if (_grain is IIncomingGrainCallFilter filter) await filter.Invoke(Filtered(call, Invoke, () => result));
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

        private static IIncomingGrainCallContext Filtered(Call call, Func<Task> invoke, Func<object?> result)
        {
            var context = DispatchProxy.Create<IIncomingGrainCallContext, Context>();
            ((Context)(object)context).Get = member => member switch
            {
                "get_MethodName" => call.Method.Name,
                nameof(IIncomingGrainCallContext.Invoke) => invoke(),
                "get_Result" => result()!,
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
}
