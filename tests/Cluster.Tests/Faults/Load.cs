using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HdrHistogram;

namespace DroneDelivery.Faults;

/// <summary>
/// Clients that come at a constant rate, whatever becomes of those before them: half of them write (requests for deliveries, reports of drones), half read.
/// A latency counts from the moment at which the client came.
/// </summary>
internal sealed class Load : IDisposable
{
    /// <summary>How many owners they order for: owner-0 and so on.</summary>
    public const int Owners = 50;

    /// <summary>Clients a second.</summary>
    private const int Rate = 120;
    private const int Drones = 10;

    /// <summary>One client of so many wants its parcel fetched now: every 3.4 s, when a fleet of 20 that has to charge in between flies one every 2.2 s.</summary>
    private const int DueEach = 412;

    /// <summary>Calm: of the clients of that long, a hundredth at most waited longer than this.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CalmP99 = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CalmDeadline = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http;
    private readonly RunningCluster _cluster;
    private readonly ConcurrentQueue<Sample> _samples = new();
    private readonly ConcurrentQueue<string> _accepted = new();
    private readonly long[] _reports = new long[Drones];
    private readonly long _boot = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly CancellationTokenSource _stop = new();
    private string[] _known = [];
    private long _started;
    private Task _running = Task.CompletedTask;

    /// <param name="cluster">Where they go.</param>
    public Load(RunningCluster cluster)
    {
        _cluster = cluster;
        _http = new HttpClient { BaseAddress = cluster.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Ids of the deliveries that were answered with 202.</summary>
    public IReadOnlyCollection<string> Accepted => _accepted;

    /// <summary>Time since the first client.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>Makes what the readers read, then lets clients come until <see cref="StopAsync"/>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var drone = 0; drone < Drones; drone++)
        {
            using var made = await _http.PutAsync($"/api/drones/load-{drone}", Json(Registration), cancellationToken);
            made.EnsureSuccessStatusCode();
        }

        for (var order = 0; order < 4; order++) await OrderAsync(order, cancellationToken);
        _started = Stopwatch.GetTimestamp();
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Waits until clients are served as fast as they usually are, or a machine that has too much to do has had its chance.</summary>
    /// <returns>Whether they are.</returns>
    public async Task<bool> BecomesCalmAsync(CancellationToken cancellationToken)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (Now < CalmDeadline)
        {
            await second.WaitForNextTickAsync(cancellationToken);
            if (Now > CalmTime && Report(Now - CalmTime, Now).P99 < CalmP99) return true;
        }

        return false;
    }

    /// <summary>Lets no more clients come and waits for those under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>What became of the clients that came from the one time until the other, as far as they are done.</summary>
    public LoadReport Report(TimeSpan from, TimeSpan until) => new([.. _samples.Where(sample => sample.At >= from && sample.At < until)]);

    /// <summary>Asks for drones that do not exist, each time another one, as fast as answers come, as long as the result lives: every key is an activation more.</summary>
    public IAsyncDisposable FloodWithNewKeys() => new Flood(_http);

    public void Dispose()
    {
        _stop.Cancel();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var clients = new List<Task>();
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / Rate);
            if (due - Now is { Ticks: > 0 } wait) await Task.Delay(wait);
            clients.Add(ComeAsync(number, due));
        }

        await Task.WhenAll(clients);
    }

    private async Task ComeAsync(int number, TimeSpan due)
    {
        var kind = (number % 4) switch { 0 => "order", 1 => "status", 2 => "report", _ => "drone" };
        string? failure;
        try
        {
            failure = kind switch
            {
                "order" => await OrderAsync(number, CancellationToken.None),
                "report" => await ReportAsync(number),
                "status" => await ReadAsync($"/api/deliveries/{Known(number)}/status"),
                _ => await ReadAsync($"/api/drones/load-{number % Drones}"),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            failure = exception.GetBaseException().Message;
        }

        _samples.Enqueue(new Sample(kind, due, Now - due, failure));
    }

    private async Task<string?> OrderAsync(int number, CancellationToken cancellationToken)
    {
        // Most are for later, so that the few drones are not what is measured.
        var pickupTime = number % DueEach == 0 ? DateTimeOffset.UtcNow : DateTimeOffset.UtcNow.AddHours(6);
        using var response = await _http.PostAsync("/api/deliveryrequests", Json($$"""
            {"confirmationRequired":"None","deadline":"","dropOffLocation":"to {{number % 40}}","expedited":false,"ownerId":"owner-{{number % Owners}}",
             "packageInfo":{"packageId":"load-{{_boot}}-{{number}}","size":"Small","tag":"t","weight":1},"pickupLocation":"from {{number % 30}}","pickupTime":"{{pickupTime:O}}"}
            """), cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted) return Unexpected(response);
        var id = (string)(await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["deliveryId"]!;
        _accepted.Enqueue(id);
        _cluster.Accepted.Enqueue(id);
        if (number % DueEach == 0) _cluster.Due.Enqueue(id);
        return null;
    }

    private async Task<string?> ReportAsync(int number)
    {
        var drone = number / 4 % Drones;
        var sequence = Interlocked.Increment(ref _reports[drone]);
        using var response = await _http.PostAsync($"/api/drones/load-{drone}/telemetry", Json($$"""
            {"boot":{{_boot}},"sequence":{{sequence}},"time":"{{DateTimeOffset.UtcNow:O}}","position":{"latitude":47.6,"longitude":-122.1,"altitude":10},"battery":0.5}
            """));
        return response.StatusCode == HttpStatusCode.OK ? null : Unexpected(response);
    }

    private async Task<string?> ReadAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return response.StatusCode == HttpStatusCode.OK ? null : Unexpected(response);
    }

    /// <summary>One of the deliveries accepted some time ago, spread over all of them.</summary>
    private string Known(int number)
    {
        var known = Volatile.Read(ref _known);
        if (known.Length < _accepted.Count * 3 / 4) Volatile.Write(ref _known, known = [.. _accepted]);
        return known[(int)((uint)(number * 2654435761L) % known.Length)];
    }

    private static string Unexpected(HttpResponseMessage response) =>
        $"{(int)response.StatusCode}{(response.Headers.RetryAfter is { } after ? $" Retry-After {after}" : "")}";

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    // Too weak to lift anything: it reports and is never sent anywhere.
    private static string Registration => """
        {"model":"sparrow","home":{"latitude":47.6,"longitude":-122.1,"altitude":0},
         "capabilities":{"maxPayload":0.001,"maxSize":"Small","cruiseSpeed":10,"climbSpeed":3,"cruiseAltitude":50,"mass":1,"batteryCapacity":10,"cruisePower":100,"handlingTime":10}}
        """;
}

/// <summary>Readers of what is not there, a few at a time and never waiting.</summary>
file sealed class Flood : IAsyncDisposable
{
    private const int Readers = 8;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _readers;

    public Flood(HttpClient http) => _readers = Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(http))));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _readers;
        _stop.Dispose();
    }

    private async Task ReadAsync(HttpClient http)
    {
        while (!_stop.IsCancellationRequested)
        {
            // Who asks for too much may be told to come back; nobody else may.
            using var response = await http.GetAsync($"/api/drones/{Guid.NewGuid():N}", CancellationToken.None);
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.ServiceUnavailable });
        }
    }
}

/// <summary>One client.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="At">When it came.</param>
/// <param name="Latency">How long it took.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
internal sealed record Sample(string Kind, TimeSpan At, TimeSpan Latency, string? Failure);

/// <summary>What became of all clients.</summary>
internal sealed class LoadReport
{
    /// <summary>Slower than this counts as not yet recovered.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly LongHistogram _latencies = new(1, TimeSpan.FromMinutes(5).Ticks / TimeSpan.TicksPerMillisecond, 3);

    public LoadReport(IReadOnlyList<Sample> samples)
    {
        Samples = samples;
        foreach (var sample in samples) _latencies.RecordValue(Math.Max(1, (long)sample.Latency.TotalMilliseconds));
    }

    public IReadOnlyList<Sample> Samples { get; }

    public IReadOnlyList<Sample> Failed => [.. Samples.Where(sample => sample.Failure is not null)];

    public TimeSpan Median => At(50);

    public TimeSpan P99 => At(99);

    public TimeSpan P999 => At(99.9);

    public TimeSpan Max => At(100);

    /// <summary>From a fault until the last client that failed or was slow had come.</summary>
    public TimeSpan RecoveryAfter(TimeSpan fault)
    {
        var bad = Samples.Where(sample => sample.At + sample.Latency > fault && (sample.Failure is not null || sample.Latency > Slow)).ToList();
        return bad.Count == 0 ? TimeSpan.Zero : bad.Max(sample => sample.At) - fault is { Ticks: > 0 } time ? time : TimeSpan.Zero;
    }

    /// <summary>One line for people, with the failures by kind.</summary>
    public string Describe(string fault, TimeSpan at)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{fault}: {Samples.Count} requests, failed {Failed.Count}, median {Median.TotalMilliseconds:0} ms, p99.9 {P999.TotalMilliseconds:0} ms, max {Max.TotalMilliseconds:0} ms, recovered after {RecoveryAfter(at).TotalSeconds:0.0} s");
        var failures = Failed.GroupBy(sample => (sample.Kind, sample.Failure)).Select(group => $"\n  {group.Count()} x {group.Key.Kind}: {group.Key.Failure}, first at {group.Min(sample => sample.At).TotalSeconds:0.0} s");
        return string.Concat([line, .. failures]);
    }

    /// <summary>How many were slow, by second and kind.</summary>
    public IEnumerable<string> DescribeSlow() => Samples
        .Where(sample => sample.Failure is null && sample.Latency > Slow)
        .GroupBy(sample => ((int)sample.At.TotalSeconds, sample.Kind))
        .OrderBy(group => group.Key)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"  {group.Count()} x {group.Key.Kind} slow at {group.Key.Item1} s, up to {group.Max(sample => sample.Latency).TotalMilliseconds:0} ms"));

    private TimeSpan At(double percentile) => TimeSpan.FromMilliseconds(Samples.Count == 0 ? 0 : _latencies.GetValueAtPercentile(percentile));
}
