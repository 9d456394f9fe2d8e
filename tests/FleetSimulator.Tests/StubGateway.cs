using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>A gateway with a backend of a few lines, over real HTTP; it takes the protocol from its text, not from the simulator's types.</summary>
internal sealed class StubGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubGateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Bodies of registrations by drone.</summary>
    public ConcurrentDictionary<string, JsonNode> Registered { get; } = new();

    /// <summary>All reports in order of arrival.</summary>
    public ConcurrentQueue<JsonNode> Reports { get; } = new();

    /// <summary>How many reports came in each request.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>Questions for parcels.</summary>
    public ConcurrentQueue<(string DroneId, JsonNode Body)> Questions { get; } = new();

    /// <summary>Missions by drone, as the answers carry them.</summary>
    public ConcurrentDictionary<string, JsonObject> Missions { get; } = new();

    /// <summary>Where GET says a drone is; absent: 404.</summary>
    public ConcurrentDictionary<string, JsonObject> Sightings { get; } = new();

    /// <summary>Answers to the questions for parcels; when there are no more, 200.</summary>
    public ConcurrentQueue<int> ParcelAnswers { get; } = new();

    /// <summary>Answers to the questions for parcels wait for it.</summary>
    public Task ParcelGate { get; set; } = Task.CompletedTask;

    /// <summary>How often a handover must be reported before the backend knows.</summary>
    public int DeafToHandover { get; set; }

    /// <summary>Lines to refuse, by drone.</summary>
    public ConcurrentDictionary<string, bool> Refused { get; } = new();

    public static async Task<StubGateway> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var gateway = new StubGateway(app);
        app.MapPut("/api/drones/{id}", gateway.RegisterAsync);
        app.MapGet("/api/drones/{id}", gateway.Find);
        app.MapPost("/api/drones/telemetry", gateway.ReportAsync);
        app.MapPost("/api/drones/{id}/pickup", gateway.AskForParcelAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Gives a drone a mission.</summary>
    public void Assign(string droneId, string deliveryId, GeoPoint pickup, GeoPoint dropoff, string phase = "Assigned") =>
        Missions[droneId] = new JsonObject
        {
            ["deliveryId"] = deliveryId,
            ["attempt"] = 1,
            ["phase"] = phase,
            ["pickup"] = Point(pickup),
            ["dropoff"] = Point(dropoff),
            ["weight"] = 10,
            ["leaseUntil"] = DateTimeOffset.UtcNow.AddMinutes(5).ToString("O"),
        };

    public static JsonObject Point(GeoPoint point) =>
        new() { ["latitude"] = point.Latitude, ["longitude"] = point.Longitude, ["altitude"] = point.Altitude };

    private async Task<IResult> RegisterAsync(string id, HttpRequest request)
    {
        var isNew = Registered.TryAdd(id, (await JsonNode.ParseAsync(request.Body))!);
        return isNew && !Sightings.ContainsKey(id) ? Results.Created() : Results.NoContent();
    }

    private IResult Find(string id) => Sightings.TryGetValue(id, out var sighting) ? Results.Ok(sighting) : Results.NotFound();

    private async Task<IResult> AskForParcelAsync(string id, HttpRequest request)
    {
        Questions.Enqueue((id, (await JsonNode.ParseAsync(request.Body))!));
        await ParcelGate;
        return ParcelAnswers.TryDequeue(out var status) && status != 200
            ? Results.Problem("Not yet.", statusCode: status) : Results.Ok();
    }

    private async Task<IResult> ReportAsync(HttpRequest request)
    {
        if (request.ContentType != "application/x-ndjson") return Results.StatusCode(415);

        using var reader = new StreamReader(request.Body);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Batches.Enqueue(lines.Length);
        if (lines.Length > 100) return Results.StatusCode(413);

        var answers = lines.Select((line, index) => Answer(JsonNode.Parse(line)!, index + 1).ToJsonString(JsonSerializerOptions.Default));
        return Results.Text(string.Join('\n', answers), "application/x-ndjson");
    }

    private JsonObject Answer(JsonNode report, int line)
    {
        Reports.Enqueue(report);
        var id = (string)report["droneId"]!;
        if (Refused.ContainsKey(id))
            return new JsonObject { ["line"] = line, ["error"] = new JsonObject { ["title"] = "Bad line", ["status"] = 400 } };
        if (!Registered.ContainsKey(id))
            return new JsonObject { ["line"] = line, ["droneId"] = id, ["outcome"] = "UnknownDrone", ["mission"] = null };

        var progress = report["mission"];
        if (Missions.TryGetValue(id, out var mission) && (string?)progress?["deliveryId"] == (string?)mission["deliveryId"])
        {
            if ((string?)progress!["phase"] == "Delivered" && DeafToHandover-- <= 0)
            {
                Missions.TryRemove(id, out _);
                mission = null;
            }
        }

        return new JsonObject { ["line"] = line, ["droneId"] = id, ["outcome"] = "Accepted", ["mission"] = mission?.DeepClone() };
    }
}
