using System.Globalization;
using System.Net;
using System.Text;

namespace DroneDelivery.Processes;

/// <summary>What a real gateway needs for streams of telemetry far larger than its memory.</summary>
[Collection(nameof(Processes))]
public sealed class TelemetryMemoryTests(ITestOutputHelper output) : IDisposable
{
    private const int Streams = 4;
    private const int LinesPerStream = 13_500;
    private const int LineLength = 4_000;
    private const long Megabyte = 1024 * 1024;

    // By which the most memory ever used may grow; were the four bodies held, it would be by 200 MB.
    private const long Allowed = 64 * Megabyte;

    // What .NET takes for its heap of the memory that a pod of the chart has (gateway.resources.limits.memory).
    private const string HeapLimit = "0xC000000";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_hundred_megabytes_of_telemetry_at_once_are_never_held()
    {
        await using var silo = new SiloProcess(_folder.Store);
        await using var gateway = new GatewayProcess(_folder.Store) { Environment = { ["DOTNET_GCHeapHardLimit"] = HeapLimit } };
        silo.Start();
        gateway.Start();
        await silo.WaitUntilReadyAsync(Stop);
        await gateway.WaitUntilReadyAsync(Stop);
        using var http = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(2) };
        for (var drone = 0; drone < Streams; drone++) await RegisterAsync(http, $"drone-{drone}");
        await SendAsync(http, "drone-0", lines: 100);
        var before = PeakMemory(gateway.Id);

        var sent = await Task.WhenAll(Enumerable.Range(0, Streams).Select(drone => SendAsync(http, $"drone-{drone}", LinesPerStream)));

        var peak = PeakMemory(gateway.Id);
        output.WriteLine($"{sent.Sum() / Megabyte} MB sent; peak {before / Megabyte} MB before, {peak / Megabyte} MB after");
        Assert.InRange(sent.Sum(), 200 * Megabyte, long.MaxValue);
        Assert.InRange(peak - before, 0, Allowed);
    }

    private static async Task RegisterAsync(HttpClient http, string id)
    {
        using var body = new StringContent(
            """
            {"model":"Quad 4","home":{"latitude":47.6,"longitude":-122.1,"altitude":0},
             "capabilities":{"maxPayload":20,"maxSize":"Large","cruiseSpeed":900,"climbSpeed":300,"cruiseAltitude":100,"mass":12,"batteryCapacity":1500,"cruisePower":900,"handlingTime":0.5}}
            """, Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync($"/api/drones/{id}", body, Stop);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    /// <summary>Sends reports as they are made and reads the answers as they come; how many bytes that was.</summary>
    private static async Task<long> SendAsync(HttpClient http, string drone, int lines)
    {
        using var content = new Lines(drone, lines) { Headers = { ContentType = new("application/x-ndjson") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/drones/telemetry") { Content = content };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var answers = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        var answered = 0;
        while (await answers.ReadLineAsync(Stop) is { } line)
        {
            Assert.Contains("\"outcome\"", line, StringComparison.Ordinal);
            answered++;
        }

        Assert.Equal(lines, answered);
        return content.Sent;
    }

    /// <summary>The most memory the process ever had at a time.</summary>
    private static long PeakMemory(int process)
    {
        var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(6).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
    }

    private sealed class Lines(string drone, int count) : HttpContent
    {
        private static readonly long Boot = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var padding = new string('x', LineLength - 250);
            for (var number = 1; number <= count; number++)
            {
                var line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                    $$"""{"droneId":"{{drone}}","boot":{{Boot}},"sequence":{{number}},"time":"{{DateTimeOffset.UtcNow:O}}","position":{"latitude":47.61,"longitude":-122.11,"altitude":50},"battery":0.9,"padding":"{{padding}}"}""") + "\n");
                await stream.WriteAsync(line, Stop);
                Sent += line.Length;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
