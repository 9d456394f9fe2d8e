using System.Text.Json;
using System.Text.Json.Serialization;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Faults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>Faults, counts and settings over HTTP, for tests in other processes. It asks for no key: the simulator answers on loopback only.</summary>
internal static class AdministrationApi
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Adds its paths.</summary>
    public static void Map(WebApplication web, SimulatorServer server)
    {
        web.MapGet("/health/ready", () => "ready");
        var group = web.MapGroup("/_simulator");
        group.MapGet("/faults", () => Pending(server));
        group.MapPut("/faults", (HttpContext context) => ChangeAsync<FaultOrder?[]>(context, orders =>
        {
            server.Faults.Replace(ToFaults(orders));
            return Pending(server);
        }));
        group.MapPost("/faults", (HttpContext context) => ChangeAsync<FaultOrder?[]>(context, orders =>
        {
            server.Faults.Add(ToFaults(orders));
            return Pending(server);
        }));
        group.MapDelete("/faults", () =>
        {
            server.Faults.Clear();
            return TypedResults.NoContent();
        });
        group.MapGet("/requests", () => Requests(server.Requests));
        group.MapGet("/settings", () => Settings(server));
        group.MapPut("/settings", (HttpContext context) => ChangeAsync<SimulatorSettings>(context, settings =>
        {
            settings.ApplyTo(server);
            return Settings(server);
        }));
        group.MapPost("/reset", () =>
        {
            server.Faults.Clear();
            server.Requests.Reset();
            return TypedResults.NoContent();
        });
    }

    private static JsonHttpResult<FaultOrder[]> Pending(SimulatorServer server) =>
        TypedResults.Json(server.Faults.Pending.Select(FaultOrder.Of).ToArray(), Options);

    // All are read before any is asked for.
    private static Fault[] ToFaults(FaultOrder?[] orders) => [.. orders.Select(order => order?.ToFault() ?? throw new ArgumentException("A fault is null."))];

    private static JsonHttpResult<RequestTotals> Requests(RequestLog log) =>
        TypedResults.Json(new RequestTotals(log.Requests(), log.Charge(), log.Counts), Options);

    private static JsonHttpResult<SimulatorSettings> Settings(SimulatorServer server) =>
        TypedResults.Json(new SimulatorSettings(server.Latency.TotalMilliseconds, server.Throughput ?? 0, server.ReplicaLag.TotalMilliseconds), Options);

    private static async Task ChangeAsync<T>(HttpContext context, Func<T, IResult> change)
    {
        IResult result;
        try
        {
            var body = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Options, context.RequestAborted);
            result = change(body ?? throw new JsonException("The body is null."));
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            result = TypedResults.Problem(failure.Message, statusCode: 400);
        }

        await result.ExecuteAsync(context);
    }

    /// <summary>What came and what it cost.</summary>
    /// <param name="Requests">All requests.</param>
    /// <param name="Charge">What they cost, request units.</param>
    /// <param name="Counts">By container and operation.</param>
    internal sealed record RequestTotals(long Requests, double Charge, IReadOnlyList<RequestCount> Counts);
}
