using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Scheduling;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Requests for deliveries: where every delivery begins.</summary>
internal static class DeliveryRequestsApi
{
    public static void MapDeliveryRequests(this IEndpointRouteBuilder api)
    {
        var requests = api.MapGroup("/deliveryrequests").WithTags("Delivery requests").RequireAuthorization(Policies.Deliveries);
        requests.MapPost("", Submit).AcceptsJson<DeliveryRequestBody>().AcceptsIdempotencyKey()
            .WithSummary("Asks for a delivery; it is stored when this answers.");
        requests.MapGet("/{id}", Get).ProducesNotFound().WithSummary("A request: which step it is at, why it waits or was refused.");
        requests.MapPatch("/{id}", Reschedule).AcceptsJson<DeliveryRequestChange>().DecidesConditionsIn(DeliveriesApi.Request).ProducesNotFound()
            .WithSummary("Changes places or times; possible until pickup.");
        requests.MapDelete("/{id}", Cancel).DecidesConditionsIn(DeliveriesApi.Request).ProducesNotFound().WithSummary("Cancels; possible until pickup.");
    }

    public static async Task<Results<Accepted<DeliveryRequestBody>, ForbiddenProblem, ConflictProblem, UnprocessableProblem, UnavailableProblem, ValidationProblem>> Submit(
        JsonBody body, IdempotencyKey? key, Caller caller, HttpRequest request, IGrainFactory grains, IGeocoder geocoder, OrderTimes times, CancellationToken cancellationToken)
    {
        if (!body.TryRead(fields => OrderInput.ReadRequest(fields, caller.OwnerFor(null) is not null), out var input, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        if (caller.Refuse(input.OwnerId) is { } refusal) return refusal;
        var owner = caller.OwnerFor(input.OwnerId)!;
        var errors = new FieldErrors();

        // Both ids exist before the first attempt, so that every repetition means the same delivery.
        var id = Guid.CreateVersion7().ToString("N");
        if (key is not null)
        {
            var scheme = await key.SchemeOf(
                "delivery", owner, async known => (await grains.GetGrain<IDeliveryRequestGrain>(known).Get(new CallerAccount(owner)))?.Order.OwnerId);
            id = key.Id("delivery", owner, scheme);
            input = input with { PackageId = input.PackageId ?? key.Id("package", owner, scheme) };
        }

        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        if (await input.Locate(owner, geocoder, times, errors, () => grain.Get(caller.Account), cancellationToken) is not { } order) return Problem.Validation(errors.ToDictionary());
        var result = await grain.Submit(key is null ? CommandId.New() : IdempotencyKey.Command(body), order, caller.Account);
        if (key is not null)
        {
            if (result.Outcome is CommandOutcome.Exists or CommandOutcome.NotFound) return IdempotencyKey.Reused();

            // A repetition has another "now"; when it was accepted is the same for all.
            if (input.PickupTime is null && await grain.Get(caller.Account) is { } accepted) order = order with { PickupTime = accepted.AcceptedAt };
        }

        if (result.Outcome == CommandOutcome.Busy) return new UnavailableProblem(result.Reason!, TransientFaults.RetryAfter);
        return result.Succeeded
            ? TypedResults.Accepted(request.PathTo($"/api/deliveryrequests/{id}"), DeliveryRequestBody.Of(id, order))
            : new ConflictProblem(result.Reason);
    }

    public static async Task<Results<Ok<DeliveryRequestResource>, NotFound>> Get(string id, Caller caller, IGrainFactory grains) =>
        await grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller.Account) is { } request
            ? TypedResults.Ok(DeliveryRequestResource.Of(request))
            : TypedResults.NotFound();

    public static async Task<Results<Ok<DeliveryRequestResource>, NotFound, ConflictProblem, ValidationProblem>> Reschedule(
        string id, JsonBody body, Caller caller, IGrainFactory grains, IGeocoder geocoder, OrderTimes times, CancellationToken cancellationToken)
    {
        if (!body.TryRead(ChangeInput.ReadRequest, out var input, out ValidationProblem? problem) || !body.TryRead(GivenFields.OfRequest, out var given, out problem)) return problem;
        var errors = new FieldErrors();
        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        if (await input.Locate(geocoder, times, errors, () => grain.Get(caller.Account), cancellationToken) is not { } change) return Problem.Validation(errors.ToDictionary());
        if (!given.AreNone && await grain.Get(caller.Account) is { } known && given.Objection(known.Order) is { } objection) return new ConflictProblem(objection);
        var result = await grain.Reschedule(CommandId.New(), change, caller.Account);
        if (result.Outcome == CommandOutcome.NotFound) return TypedResults.NotFound();
        if (!result.Succeeded) return new ConflictProblem(result);
        return await grain.Get(caller.Account) is { } request ? TypedResults.Ok(DeliveryRequestResource.Of(request)) : TypedResults.NotFound();
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem>> Cancel(string id, Caller caller, IGrainFactory grains)
    {
        var result = await grains.GetGrain<IDeliveryRequestGrain>(id).Cancel(CommandId.New(), "Cancelled by the client.", caller.Account);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Done or CommandOutcome.Created => TypedResults.NoContent(),
            _ => new ConflictProblem(result),
        };
    }
}
