using DroneDelivery.Drones;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Shipping;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>The earlier simulator's view of one delivery. A drone that reports for itself is not overruled.</summary>
internal static class DroneApi
{
    public static void MapDrone(this IEndpointRouteBuilder api)
    {
        var drone = api.MapGroup("/drone").WithTags("Drone (earlier simulator)").RequireAuthorization(Policies.Fleet);
        drone.MapGet("/{deliveryId}", Get).ProducesNotFound().WithSummary("Stage (by number) and position of one delivery.");
        var reports = api.MapGroup("/drone").WithTags("Drone (earlier simulator)").RequireAuthorization(Policies.Reports);
        reports.MapPut("/{deliveryId}", Put).AcceptsJson<FlightResource>().ComparesConditionsWith(Shown).ProducesNotFound()
            .WithSummary("Reports for the delivery's drone: stage 2 headed to pickup, 3 headed to dropoff, 4 completed.");
    }

    public static async Task<Results<Ok<FlightResource>, NotFound>> Get(string deliveryId, Caller caller, IGrainFactory grains) =>
        await MayKnow(caller, deliveryId, grains) && await DeliveriesApi.FindStatus(deliveryId, CallerAccount.Any, grains) is { } status
            ? TypedResults.Ok(new FlightResource(deliveryId, (int)status.Stage, Location.Of(status.LastKnownLocation)))
            : TypedResults.NotFound();

    public static async Task<Results<Ok<FlightResource>, NotFound, ConflictProblem, ValidationProblem>> Put(
        string deliveryId, JsonBody body, Caller caller, IGrainFactory grains, TimeProvider time)
    {
        if (!body.TryRead(Read, out var flight, out ValidationProblem? problem)) return problem;

        if (!await MayKnow(caller, deliveryId, grains)) return TypedResults.NotFound();
        if (await grains.GetGrain<IDeliveryGrain>(deliveryId).Get(CallerAccount.Any) is not { } delivery)
        {
            return await DeliveriesApi.FindStatus(deliveryId, CallerAccount.Any, grains) is null
                ? TypedResults.NotFound()
                : new ConflictProblem("No drone is committed yet.");
        }

        if (delivery.DroneId is not { } droneId) return new ConflictProblem("No drone is committed now.");
        var drone = grains.GetGrain<IDroneGrain>(droneId);
        if (await drone.Get() is not { } known) return new ConflictProblem($"The drone '{droneId}' is not registered.");

        // Boot 0 is older than any a drone counts itself: such a drone's own reports win.
        var report = new TelemetryReport(0, null, time.GetUtcNow(), flight.Location, known.Battery, null);
        if (flight.Phase >= MissionPhase.HeadedToDropoff && delivery.Status.Stage < DeliveryStage.HeadedToDropoff)
        {
            await drone.Report(report with { Mission = new(deliveryId, delivery.Attempt, MissionPhase.AtPickup) });
            var pickup = await drone.RequestPickup(CommandId.New(), deliveryId, delivery.Attempt);
            if (!pickup.Succeeded) return new ConflictProblem(pickup.Reason);
        }

        var answer = await drone.Report(report with { Mission = new(deliveryId, delivery.Attempt, flight.Phase) });
        if (answer is { Outcome: TelemetryOutcome.Accepted, Doubt: { } doubt }) return new ConflictProblem($"The drone '{droneId}' cannot be believed. {doubt}");
        if (answer.Outcome != TelemetryOutcome.Accepted) return new ConflictProblem($"The drone '{droneId}' reports for itself ({answer.Outcome}).");
        return await DeliveriesApi.FindStatus(deliveryId, CallerAccount.Any, grains) is { } status
            ? TypedResults.Ok(new FlightResource(deliveryId, (int)status.Stage, Location.Of(status.LastKnownLocation)))
            : TypedResults.NotFound();
    }

    private static async Task<object?> Shown(IGrainFactory grains, HttpRequest request) =>
        request.Id("deliveryId") is var id && await MayKnow(Caller.Of(request.HttpContext), id, grains) && await DeliveriesApi.FindStatus(id, CallerAccount.Any, grains) is { } status
            ? new FlightResource(id, (int)status.Stage, Location.Of(status.LastKnownLocation))
            : null;

    // A single drone knows of the deliveries that it carries.
    private static async ValueTask<bool> MayKnow(Caller caller, string deliveryId, IGrainFactory grains) =>
        caller.DroneId is null || (await grains.GetGrain<IDeliveryGrain>(deliveryId).Get(CallerAccount.Any))?.DroneId is { } droneId && caller.MayActAs(droneId);

    private static FlightInput Read(JsonFields body)
    {
        var stage = body.RequiredChoice<DeliveryStage>("stage");
        MissionPhase? phase = stage switch
        {
            DeliveryStage.Created => MissionPhase.Assigned,
            DeliveryStage.HeadedToPickup => MissionPhase.HeadedToPickup,
            DeliveryStage.HeadedToDropoff => MissionPhase.HeadedToDropoff,
            DeliveryStage.Completed => MissionPhase.Delivered,
            _ => null,
        };
        if (phase is null) body.Fault("stage", "is not one that a drone reports");
        return new FlightInput(phase ?? default, body.RequiredPoint("location"));
    }

    private sealed record FlightInput(MissionPhase Phase, GeoPoint Location);
}
