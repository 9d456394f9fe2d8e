using System.Reflection;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Scheduling;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Messaging;
using Orleans.Serialization.Invocation;

namespace DroneDelivery.Gateway.Tests;

/// <summary>The retry filter alone, on a clock of its own.</summary>
public class GrainCallRetryBudgetTests
{
    private readonly SkippingTime _time = new();
    private readonly HttpContextAccessor _http = new() { HttpContext = new DefaultHttpContext() };
    private readonly ClusterConnection _cluster;
    private readonly GrainCallRetry _filter;

    public GrainCallRetryBudgetTests()
    {
        _cluster = new ClusterConnection(_time, Options.Create(new GrainCallRetryOptions()));
        _cluster.Started();
        _cluster.CountChanged(1);
        _filter = new GrainCallRetry(_cluster, _http, _time, Options.Create(new GrainCallRetryOptions()), NullLogger<GrainCallRetry>.Instance);
    }

    [Fact]
    public async Task Call_that_keeps_failing_is_repeated_at_growing_pauses_until_the_budget_is_spent()
    {
        var attempts = new List<TimeSpan>();
        var started = _time.GetUtcNow();
        var call = new Call(() =>
        {
            attempts.Add(_time.GetUtcNow() - started);
            return Task.FromException(new ConnectionFailedException("refused"));
        });

        await Assert.ThrowsAsync<ConnectionFailedException>(() => _filter.Invoke(call));

        Assert.InRange(attempts[1], TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        Assert.InRange(attempts[^1], TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(21.2));
        Assert.InRange(attempts.Count, 20, 60);
        Assert.All(attempts.Zip(attempts.Skip(1)), pair => Assert.True(pair.Second - pair.First <= TimeSpan.FromSeconds(1.05)));
    }

    [Fact]
    public async Task Call_that_succeeds_at_last_is_not_repeated_further()
    {
        var count = 0;
        var call = new Call(() => ++count < 5 ? Task.FromException(new TimeoutException()) : Task.CompletedTask);

        await _filter.Invoke(call);

        Assert.Equal(5, count);
    }

    [Fact]
    public async Task Nobody_is_left_to_answer_so_nothing_is_repeated()
    {
        using var aborted = new CancellationTokenSource();
        _http.HttpContext!.RequestAborted = aborted.Token;
        var count = 0;
        var call = new Call(() =>
        {
            if (++count == 3) aborted.Cancel();
            return Task.FromException(new SiloUnavailableException());
        });

        await Assert.ThrowsAnyAsync<Exception>(() => _filter.Invoke(call));

        Assert.Equal(3, count);
    }

    [Fact]
    public async Task No_silo_is_there_for_a_while_so_one_attempt_must_do()
    {
        _cluster.CountChanged(0);
        _time.Advance(TimeSpan.FromSeconds(2));
        var count = 0;

        await Assert.ThrowsAsync<SiloUnavailableException>(() => _filter.Invoke(new Call(() =>
        {
            count++;
            return Task.FromException(new SiloUnavailableException());
        })));

        Assert.Equal(1, count);
    }

    [Fact]
    public async Task No_silo_was_ever_there_so_nothing_is_sent()
    {
        var filter = new GrainCallRetry(
            new ClusterConnection(_time, Options.Create(new GrainCallRetryOptions())), _http, _time, Options.Create(new GrainCallRetryOptions()), NullLogger<GrainCallRetry>.Instance);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => filter.Invoke(new Call(() => throw new InvalidOperationException("sent"))));
    }

    [Fact]
    public async Task Calls_of_orleans_itself_are_left_alone()
    {
        var count = 0;
        var call = new Call(
            () =>
            {
                count++;
                return Task.FromException(new SiloUnavailableException());
            },
            typeof(IManagementGrain).GetMethods()[0]);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => _filter.Invoke(call));

        Assert.Equal(1, count);
    }

    /// <summary>A clock on which every pause is over at once.</summary>
    private sealed class SkippingTime : TimeProvider
    {
        private long _ticks = DateTimeOffset.UnixEpoch.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
            return new Elapsed();
        }

        private sealed class Elapsed : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Call(Func<Task> send, MethodInfo? method = null) : IOutgoingGrainCallContext
    {
        public MethodInfo InterfaceMethod { get; } = method ?? typeof(IDeliveryRequestGrain).GetMethod(nameof(IDeliveryRequestGrain.Get))!;

        public IInvokable Request => throw new NotSupportedException();

        public object Grain => throw new NotSupportedException();

        public object? Result { get; set; }

        public Response? Response { get; set; }

        public IGrainContext? SourceContext => null;

        public GrainId? SourceId => null;

        public GrainId TargetId => default;

        public GrainInterfaceType InterfaceType => default;

        public string InterfaceName => "";

        public string MethodName => "";

        public Task Invoke() => send();
    }
}
