using System.Collections.Concurrent;
using DroneDelivery.FleetSimulator.Display;
using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Motion;
using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>
/// Flies all drones in one loop and speaks for them to the gateway. Only that loop touches drones; questions to the gateway run
/// beside it, a bounded number at a time, and their answers wait for its next step. A report that could not be sent is not kept:
/// the next one says how things stand by then.
/// </summary>
internal sealed class GroundStation : IGroundStation
{
    private const int MaxParcelExchanges = 3;
    private const int MaxReportExchanges = 3;
    private const int MaxRegistrationExchanges = 3;
    private const int RegistrationsPerExchange = 25;
    private const int ParcelsPerExchange = 10;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ViewPeriod = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ComplaintPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly FleetOptions _options;
    private readonly GatewayClient _gateway;
    private readonly IFleetDisplay _display;
    private readonly TimeProvider _clock;
    private readonly StateFile? _stateFile;
    private readonly Weather _weather;
    private readonly long _boot;
    private readonly long _start;
    private readonly DroneLink[] _links;
    private readonly FleetStatistics _statistics = new();
    private readonly GatewayWatch _watch = new();
    private readonly Dictionary<Exchange, Task> _underWay = [];
    private readonly ConcurrentQueue<Exchange> _finished = new();
    private readonly CancellationTokenSource _stop = new();
    private WindVector _wind;
    private TimeSpan _uptime;
    private TimeSpan _nextView;
    private TimeSpan _nextSave;
    private TimeSpan _nextComplaint;
    private TimeSpan _nextOutageLine;
    private Task _saving = Task.CompletedTask;
    private string? _saveProblem;
    private int _nextParcel;
    private int _nextReport;
    private int _nextRegistration;

    /// <summary>A fleet that carries on where the state file left it.</summary>
    /// <exception cref="StateFileException">The state file cannot be read or written.</exception>
    public GroundStation(FleetOptions options, GatewayClient gateway, IFleetDisplay display, TimeProvider clock)
    {
        (_options, _gateway, _display, _clock) = (options, gateway, display, clock);
        _weather = new Weather(options.Seed, options.SpeedUp);
        _stateFile = options.StateFile is { } path ? new StateFile(path) : null;
        var state = _stateFile?.Load();

        // A clock that was set back must not make this boot look older than the last.
        _boot = Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), (state?.Boot ?? 0) + 1);
        _start = clock.GetTimestamp();
        var memories = (state?.Drones ?? []).ToDictionary(memory => memory.Id);
        _links = [.. Enumerable.Range(0, options.Drones).Select(index =>
        {
            var drone = new Drone(DroneProfile.Of(index, options.IdPrefix, options.Area, options.SpeedUp), OnEvent);
            var isRecalled = memories.Remove(drone.Id, out var memory);
            if (isRecalled) drone.Recall(memory!);
            return new DroneLink(index, drone, isRecalled);
        })];

        Drones = [.. _links.Select(link => link.Drone)];

        foreach (var (id, memory) in memories)
        {
            if (memory.Mission is { } mission)
                Write($"{id} flew delivery {mission.DeliveryId} and is not part of this fleet any more.");
        }

        _stateFile?.Save(Remember());
    }

    /// <inheritdoc/>
    public DateTimeOffset Now { get; private set; }

    /// <summary>The drones.</summary>
    public IReadOnlyList<Drone> Drones { get; }

    /// <summary>Flies until cancelled, then saves.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Step, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) Tick();
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        finally
        {
            await StopAsync();
        }
    }

    /// <inheritdoc/>
    public void CountReport() => _statistics.Reports++;

    /// <inheritdoc/>
    public void CountError(string sentence)
    {
        _statistics.Errors++;
        // Thousands of drones may have the same trouble.
        if (_uptime < _nextComplaint) return;
        _nextComplaint = _uptime + ComplaintPeriod;
        Write(sentence);
    }

    /// <inheritdoc/>
    public void Postpone(DroneLink link) => link.Due = _uptime + _options.Interval;

    private void Tick()
    {
        var uptime = _clock.GetElapsedTime(_start);
        var elapsed = uptime - _uptime;
        (_uptime, Now) = (uptime, _clock.GetUtcNow());
        Listen();
        Fly(elapsed);
        Ask();
        if (_uptime >= _nextView)
        {
            _nextView = _uptime + ViewPeriod;
            _display.Show(View());
        }

        if (Interlocked.Exchange(ref _saveProblem, null) is { } problem) CountError(problem);
        if (_stateFile is not null && _uptime >= _nextSave && _saving.IsCompleted)
        {
            _nextSave = _uptime + SavePeriod;
            var state = Remember();
            _saving = Task.Run(() => Save(state));
        }
    }

    private void Listen()
    {
        while (_finished.TryDequeue(out var exchange))
        {
            _underWay.Remove(exchange);
            foreach (var link in exchange.Links) link.IsBusy = false;
            exchange.Apply(this);
            if (exchange.Failure is { } failure) Fail(exchange, failure);
            else if (_watch.Answered()) Write("The gateway answers again.");
        }
    }

    private void Fail(Exchange exchange, GatewayException failure)
    {
        _statistics.Errors++;
        if (failure.IsOutage)
        {
            // What could not be told is due as soon as the gateway answers.
            foreach (var link in exchange.Links) link.Due = TimeSpan.Zero;
            if (!_watch.Failed(_uptime, failure.Message) && _uptime < _nextOutageLine) return;
            _nextOutageLine = _uptime + ComplaintPeriod;
            Write($"Waits for the gateway at {_options.Gateway}: {failure.Message}.");
        }
        else
        {
            foreach (var link in exchange.Links) Postpone(link);
            Write($"The gateway refused {exchange.Links.Count} reports: {failure.Message}.");
        }
    }

    private void Fly(TimeSpan elapsed)
    {
        _wind = _weather.At(Now);
        foreach (var link in _links) link.Drone.Advance(elapsed.TotalSeconds, _wind, Now);
    }

    private void Ask()
    {
        if (!_watch.MayAsk(_uptime, _underWay.Count)) return;

        while (HasRoom<ParcelExchange>(MaxParcelExchanges)
            && Take(ref _nextParcel, ParcelsPerExchange, link => link.IsRegistered && link.ShouldAskForParcel && link.Drone.WantsParcel) is [_, ..] links)
        {
            var exchange = new ParcelExchange(links);
            foreach (var link in links)
            {
                link.ShouldAskForParcel = false;
                link.Drone.AskedForParcel();
            }

            Start(exchange);
        }

        while (HasRoom<ReportExchange>(MaxReportExchanges)
            && Take(ref _nextReport, GatewayClient.MaxBatch, link => link.IsRegistered && (link.Drone.HasNews || _uptime >= link.Due)) is [_, ..] links)
        {
            foreach (var link in links) link.Due = NextDue(link);
            Start(new ReportExchange(links, [.. links.Select(link => link.Report(_boot, Now))]));
        }

        while (HasRoom<RegistrationExchange>(MaxRegistrationExchanges)
            && Take(ref _nextRegistration, RegistrationsPerExchange, link => !link.IsRegistered && _uptime >= link.Due) is [_, ..] links)
        {
            Start(new RegistrationExchange(links));
        }
    }

    // In turn, so that nobody waits for ever when there is more to say than the gateway can take.
    private List<DroneLink> Take(ref int next, int most, Func<DroneLink, bool> condition)
    {
        var taken = new List<DroneLink>();
        var first = next;
        for (var i = 0; i < _links.Length && taken.Count < most; i++)
        {
            var link = _links[(first + i) % _links.Length];
            if (link.IsBusy || !condition(link)) continue;
            taken.Add(link);
            next = link.Index + 1;
        }

        return taken;
    }

    // The first reports come in a crowd; spread the next ones over the interval.
    private TimeSpan NextDue(DroneLink link) =>
        _uptime + (link.Due == TimeSpan.Zero ? _options.Interval * ((link.Index + 1.0) / _links.Length) : _options.Interval);

    // Each kind has a share of its own: a crowd at the pickups must not keep others from reporting.
    private bool HasRoom<T>(int most)
        where T : Exchange => _watch.Outage is null ? _underWay.Keys.OfType<T>().Count() < most : _underWay.Count == 0;

    private void Start(Exchange exchange)
    {
        foreach (var link in exchange.Links) link.IsBusy = true;
        _underWay.Add(exchange, RunAsync());

        async Task RunAsync()
        {
            // Not inside the loop: an exchange may do a lot before it first waits.
            await Task.Yield();
            await exchange.RunAsync(_gateway, _stop.Token);
            _finished.Enqueue(exchange);
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(Task.WhenAll([.. _underWay.Values, _saving]), Task.Delay(StopPatience, CancellationToken.None));
        Now = _clock.GetUtcNow();
        while (_finished.TryDequeue(out var exchange)) exchange.Apply(this);
        _display.Show(View());
        if (_saving.IsCompleted) Save(Remember());
        if (_saveProblem is { } problem) Write(problem);
        _stop.Dispose();
    }

    private FleetState Remember() =>
        new(FleetState.CurrentVersion, _boot, [.. _links.Select(link => link.Drone.Remember())]);

    private void Save(FleetState state)
    {
        try
        {
            _stateFile?.Save(state);
        }
        catch (StateFileException failure)
        {
            Interlocked.Exchange(ref _saveProblem, failure.Message);
        }
    }

    private void OnEvent(FleetEvent happened)
    {
        if (happened.Kind == FleetEventKind.Delivered) _statistics.Delivered++;
        if (happened.Kind == FleetEventKind.Dropped) _statistics.Dropped++;
        Write($"{happened.DroneId} {happened.Text}.");
    }

    private void Write(string sentence) => _display.Write(_clock.GetLocalNow(), sentence);

    private FleetView View() => new(
        Now, _options.Gateway, _watch.Outage, _wind, FleetView.Count(Drones), FleetView.Pick(Drones), _statistics.Delivered, _statistics.Dropped,
        _statistics.Reports, _statistics.ReportRate(_uptime), _statistics.Errors);
}
