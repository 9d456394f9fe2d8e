using System.ComponentModel.DataAnnotations;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Scheduling;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>How long <c>PUT /api/dronedeliveries/{deliveryId}</c> waits for a drone; section <c>DroneDeliveries</c>.</summary>
internal sealed class DroneDeliveriesOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "DroneDeliveries";

    /// <summary>Longest wait before the client is told to come back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between looks.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(200);
}

/// <summary>The earlier drone scheduler: a delivery in, a drone id out.</summary>
internal static class DroneDeliveriesApi
{
    public static void MapDroneDeliveries(this IEndpointRouteBuilder api)
    {
        var deliveries = api.MapGroup("/dronedeliveries").WithTags("Drone deliveries").RequireAuthorization(Policies.Deliveries);
        deliveries.MapPut("/{deliveryId}", Put).AcceptsJson<DroneDeliveryBody>().ChoosesId().DecidesConditionsIn(DeliveriesApi.Request).Produces<string>(StatusCodes.Status200OK, "text/plain")
            .WithSummary("Asks for a drone, waits for it, and answers its id as text; the same again on repetition.");
        deliveries.MapDelete("/{deliveryId}", Cancel).DecidesConditionsIn(DeliveriesApi.Request).ProducesNotFound().WithSummary("Cancels; possible until pickup.");
    }

    public static async Task<Results<ContentHttpResult, ForbiddenProblem, ConflictProblem, UnavailableProblem, ValidationProblem>> Put(
        string deliveryId,
        JsonBody body,
        Caller caller,
        HttpRequest http,
        IGrainFactory grains,
        IGeocoder geocoder,
        OrderTimes times,
        TimeProvider time,
        IOptions<DroneDeliveriesOptions> options,
        CancellationToken cancellationToken)
    {
        if (!body.TryRead(OrderInput.ReadDroneDelivery, out var input, out ValidationProblem? problem) || !body.TryRead(GivenFields.OfDroneDelivery, out var given, out problem)) return problem;
        if (caller.Refuse(input.OwnerId) is { } refusal) return refusal;
        var errors = new FieldErrors();
        var grain = grains.GetGrain<IDeliveryRequestGrain>(deliveryId);
        if (await input.Locate(caller.OwnerFor(input.OwnerId) ?? OrderInput.NobodysAccount, geocoder, times, errors, () => grain.Get(caller.Account), cancellationToken) is not { } order)
            return Problem.Validation(errors.ToDictionary());

        var result = await PutOrder.PutAsync(grain, order, given, input.PickupTime, isWhole: false, caller, http);
        if (result.Outcome == CommandOutcome.Busy) return new UnavailableProblem(result.Reason!, TransientFaults.RetryAfter);
        if (result.Outcome is not (CommandOutcome.Created or CommandOutcome.Done or CommandOutcome.Exists)) return new ConflictProblem(result);

        var started = time.GetTimestamp();
        while (true)
        {
            var request = await grain.Get(caller.Account);
            if (request?.Transport is { } transport) return TypedResults.Text(transport.DroneId);
            if (request?.Status is RequestStatus.Rejected or RequestStatus.Cancelled or RequestStatus.Failed or RequestStatus.DeadLettered)
                return new ConflictProblem(request.Reason ?? $"The request is {request.Status}.");
            if (time.GetElapsedTime(started) >= options.Value.Wait)
                return new UnavailableProblem(request?.Reason ?? "No drone is committed yet; ask again.", options.Value.Wait);

            await Task.Delay(options.Value.Pause, time, cancellationToken);
        }
    }

    public static Task<Results<Ok, NotFound, ConflictProblem>> Cancel(string deliveryId, Caller caller, IGrainFactory grains) =>
        DeliveriesApi.Cancel(deliveryId, caller, grains);
}
