using System.Collections.Concurrent;

namespace DroneDelivery.Gateway.Tests.Fakes;

/// <summary>Makes grain calls fail on purpose, by the key of the grain; in the silo, so that they fail as real ones do.</summary>
internal sealed class Faults : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, Plan> _plans = new();
    private readonly ConcurrentDictionary<string, Held> _held = new();
    private readonly ConcurrentDictionary<string, Answers> _watched = new();

    /// <summary>The next calls of this grain throw, before or after they took effect.</summary>
    public void Throw(string key, int times, Func<Exception> exception, bool afterEffect = false) => _plans[key] = new Plan(times, exception, afterEffect);

    /// <summary>Calls of this grain wait until the task ends.</summary>
    public void Hold(string key, Task until) => _held[key] = new Held(until);

    /// <summary>Whether a call of this grain waits, or has waited.</summary>
    public bool IsHolding(string key) => _held[key].HasBegun;

    /// <summary>Does something once, when this grain has answered so many calls and before the caller hears of it.</summary>
    public void AfterAnswers(string key, int answers, Action then) => _watched[key] = new Answers(answers, then);

    /// <summary>How many calls reached the grain or its fault.</summary>
    public int Attempts(string key) => _plans.TryGetValue(key, out var plan) ? plan.Attempts : 0;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await Fail(context);
        if (context.TargetId.Key.ToString() is not { } key || !_watched.TryGetValue(key, out var watched)) return;
        if (Interlocked.Increment(ref watched.Count) == watched.Until) watched.Then();
    }

    private async Task Fail(IIncomingGrainCallContext context)
    {
        if (context.TargetId.Key.ToString() is { } held && _held.TryGetValue(held, out var waiting)) await waiting.Wait();
        if (context.TargetId.Key.ToString() is not { } key || !_plans.TryGetValue(key, out var plan))
        {
            await context.Invoke();
            return;
        }

        var fails = Interlocked.Increment(ref plan.Attempts) <= plan.Times;
        if (!fails || plan.AfterEffect) await context.Invoke();
        if (fails) throw plan.Exception();
    }

    private sealed class Held(Task until)
    {
        private volatile bool _hasBegun;

        public bool HasBegun => _hasBegun;

        public Task Wait()
        {
            _hasBegun = true;
            return until;
        }
    }

    private sealed class Answers(int until, Action then)
    {
        public int Count;

        public int Until { get; } = until;

        public Action Then { get; } = then;
    }

    private sealed class Plan(int times, Func<Exception> exception, bool afterEffect)
    {
        public int Attempts;

        public int Times { get; } = times;

        public Func<Exception> Exception { get; } = exception;

        public bool AfterEffect { get; } = afterEffect;
    }
}
