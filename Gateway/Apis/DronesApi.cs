using DroneDelivery.Drones;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Drones and their ground stations.</summary>
internal static class DronesApi
{
    public static void MapDrones(this IEndpointRouteBuilder api)
    {
        var drones = api.MapGroup("/drones").WithTags("Drones").RequireAuthorization(Policies.Fleet).AddEndpointFilter(Ownership.OfDrone);
        drones.MapPut("/{id}", Register).AcceptsJson<DroneBody>().ChoosesId().DecidesConditionsIn((grains, request) => grains.GetGrain<IDroneGrain>(request.Id())).WithSummary("Registers a drone or replaces what it can do.");
        drones.MapGet("/{id}", Get).ProducesNotFound().WithSummary("A drone.");
        var reports = api.MapGroup("/drones").WithTags("Drones").RequireAuthorization(Policies.Reports).AddEndpointFilter(Ownership.OfDrone);
        reports.MapPost("/{id}/telemetry", Report).AcceptsJson<TelemetryBody>().ProducesNotFound()
            .WithSummary("Takes in one report; the answer carries the drone's mission.");
        reports.MapPost("/{id}/pickup", RequestPickup).AcceptsJson<PickupBody>().ProducesNotFound()
            .WithSummary("A drone at its pickup asks whether it may take the parcel.");
        reports.MapPost("/{id}/deliveries/{deliveryId}/confirmations", Confirmations.HandIn).AcceptsConfirmation()
            .WithSummary("Hands in the receiver's confirmation of a delivery that the drone carries.");
        reports.MapPost("/telemetry", TelemetryStream.Report)
            .Accepts<TelemetryLineBody>(TelemetryStream.ContentType, "application/ndjson", "application/jsonl", "application/json")
            .Produces<TelemetryLine>(StatusCodes.Status200OK, TelemetryStream.ContentType)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .AcceptsUpTo(TelemetryStream.MaxBodyLength)
            .DisableRequestTimeout()
            .WithSummary("Takes in reports of many drones, one JSON object a line; answers one line for each, in order, while the request still runs.");
    }

    public static async Task<Results<Created<DroneResource>, NoContent, ConflictProblem, ValidationProblem>> Register(
        string id, JsonBody body, HttpRequest request, IGrainFactory grains)
    {
        if (!body.TryRead(DroneInput.ReadRegistration, out var registration, out ValidationProblem? problem)) return problem;

        var drone = grains.GetGrain<IDroneGrain>(id);
        var result = await drone.Register(CommandId.New(), registration);
        if (!result.Succeeded) return new ConflictProblem(result);
        if (result.Outcome == CommandOutcome.Done || await drone.Get() is not { } made) return TypedResults.NoContent();
        return TypedResults.Created(request.PathTo($"/api/drones/{id}"), DroneResource.Of(made));
    }

    public static async Task<Results<Ok<DroneResource>, NotFound>> Get(string id, IGrainFactory grains) =>
        await grains.GetGrain<IDroneGrain>(id).Get() is { } drone ? TypedResults.Ok(DroneResource.Of(drone)) : TypedResults.NotFound();

    public static async Task<Results<Ok<TelemetryResource>, NotFound, ValidationProblem>> Report(string id, JsonBody body, IGrainFactory grains)
    {
        if (!body.TryRead(DroneInput.ReadReport, out var report, out ValidationProblem? problem)) return problem;

        var answer = await grains.GetGrain<IDroneGrain>(id).Report(report);
        return answer.Outcome == TelemetryOutcome.UnknownDrone ? TypedResults.NotFound() : TypedResults.Ok(TelemetryResource.Of(id, answer));
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> RequestPickup(string id, JsonBody body, IGrainFactory grains)
    {
        if (!body.TryRead(DroneInput.ReadPickup, out var pickup, out ValidationProblem? problem)) return problem;

        var result = await grains.GetGrain<IDroneGrain>(id).RequestPickup(CommandId.New(), pickup.DeliveryId, pickup.Attempt);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Done or CommandOutcome.Created => TypedResults.NoContent(),
            _ => new ConflictProblem(result.Reason),
        };
    }
}
