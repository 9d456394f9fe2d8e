using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Tracking;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Deliveries: where they are. Changes go through the request.</summary>
internal static partial class DeliveriesApi
{
    public static void MapDeliveries(this IEndpointRouteBuilder api)
    {
        var deliveries = api.MapGroup("/deliveries").WithTags("Deliveries").RequireAuthorization(Policies.Deliveries);
        deliveries.MapGet("", List).ProducesNotFound().WithSummary("Deliveries by owner, stage and time, the most recently changed first; seconds behind.");
        deliveries.MapGet("/{id}", Get).ProducesNotFound().WithSummary("A delivery; readable as soon as it was asked for.");
        deliveries.MapGet("/public/{id}", Get).ProducesNotFound().WithSummary("The same as without public.");
        deliveries.MapGet("/{id}/owner", GetOwner).ProducesNotFound().WithSummary("Whose delivery it is.");
        deliveries.MapGet("/{id}/status", GetStatus).WithMetadata(new GrantsWaits()).ProducesNotFound().WithSummary("Stage (by number), position and expected times.");
        deliveries.MapGet("/{id}/history", GetHistory).ProducesNotFound().WithSummary("What happened, oldest first.");
        deliveries.MapGet("/{id}/overview", GetOverview).ProducesNotFound().WithSummary("The delivery with its status, request, package and drone, in one answer.");
        deliveries.MapTracking();
        deliveries.MapShares();
        deliveries.MapPut("/{id}", Put).AcceptsJson<DeliveryBody>().ChoosesId().DecidesConditionsIn(Request)
            .WithSummary("Asks for a delivery with an id of the client's choice. One that is there already becomes what is put (204), or the answer says why not (409): its places, pickup time and deadline can change until pickup.");
        deliveries.MapPatch("/{id}", Reschedule).AcceptsJson<DeliveryChangeBody>().DecidesConditionsIn(Request).ProducesNotFound().WithSummary("Changes places or deadline; possible until pickup.");
        deliveries.MapDelete("/{id}", Cancel).DecidesConditionsIn(Request).ProducesNotFound().WithSummary("Cancels; possible until pickup. The delivery stays readable.");
        deliveries.MapPost("/{id}/notifymerequests", NotifyMe).AcceptsJson<NotifyMeBody>().AcceptsIdempotencyKey().ProducesNotFound().WithSummary("Asks to be told when it arrives.");
        deliveries.MapGet("/{id}/confirmation", GetConfirmation).ProducesNotFound().Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .WithSummary("What the receiver confirmed with, as bytes; 404 when there is nothing, or not any more.");
        deliveries.MapPost("/{id}/confirmations", Confirm).AcceptsConfirmation().WithSummary("Hands in the receiver's confirmation.");
    }

    /// <summary>The grain that decides about every change of a delivery.</summary>
    internal static IAddressable Request(IGrainFactory grains, HttpRequest request) =>
        grains.GetGrain<IDeliveryRequestGrain>((string)(request.RouteValues["id"] ?? request.RouteValues["deliveryId"])!);

    public static async Task<Results<Ok<DeliveryPageResource>, NotFound, ValidationProblem>> List(
        [AsParameters] DeliveryListParameters parameters, Caller caller, IDeliveryIndex index, CancellationToken cancellationToken)
    {
        if (!parameters.TryRead(out var query, out var problem)) return problem;
        if (query.OwnerId is { } named && !caller.MayActFor(named)) return TypedResults.NotFound();
        query = query with { OwnerId = caller.OwnerFor(query.OwnerId) };
        if (query.OwnerId is null && !caller.IsOperator) return Problem.Validation("ownerId", "is required");

        return TypedResults.Ok(DeliveryPageResource.Of(await index.Query(query, cancellationToken)));
    }

    public static async Task<Results<Ok<DeliveryResource>, NotFound>> Get(string id, Caller caller, IGrainFactory grains) =>
        await Find(id, caller, grains) is { } delivery ? TypedResults.Ok(delivery) : TypedResults.NotFound();

    public static async Task<Results<Ok<UserAccount>, NotFound>> GetOwner(string id, Caller caller, IGrainFactory grains) =>
        await Find(id, caller, grains) is { } delivery ? TypedResults.Ok(delivery.Owner) : TypedResults.NotFound();

    public static async Task<Results<Ok<DeliveryStatusResource>, NotFound>> GetStatus(
        string id, Caller caller, HttpContext http, IGrainFactory grains, DeliveryWatches watches, IOptions<JsonOptions> json)
    {
        var wait = Preference.Wait(http.Request);
        if (wait > TimeSpan.Zero) return await WaitForStatus(id, caller, wait, http, watches, json.Value.SerializerOptions);
        return await FindStatus(id, caller.Account, grains) is { } status
            ? TypedResults.Ok(DeliveryStatusResource.Of(status))
            : TypedResults.NotFound();
    }

    // Waits while the client has the status already, by its If-None-Match.
    private static async Task<Results<Ok<DeliveryStatusResource>, NotFound>> WaitForStatus(
        string id, Caller caller, TimeSpan wait, HttpContext http, DeliveryWatches watches, JsonSerializerOptions json)
    {
        using var watcher = await watches.Open(id, caller.Account);
        if (watcher is null) return TypedResults.NotFound();

        http.Response.Headers["Preference-Applied"] = $"wait={wait.TotalSeconds:0}";
        var view = watcher.View;
        var started = Stopwatch.GetTimestamp();
        while (!view.IsFinal && ConditionalGet.IsKnown(http.Request, ConditionalGet.TagOf(DeliveryStatusResource.Of(view.Status), json)))
        {
            var rest = wait - Stopwatch.GetElapsedTime(started);
            if (rest <= TimeSpan.Zero || !await watcher.Changed(view, rest, http.RequestAborted)) break;
            view = watcher.View;
        }

        return TypedResults.Ok(DeliveryStatusResource.Of(view.Status));
    }

    public static async Task<Results<Ok<TrackingEventResource[]>, NotFound>> GetHistory(string id, Caller caller, IGrainFactory grains)
    {
        var history = await grains.GetGrain<IDeliveryGrain>(id).GetHistory(caller.Account);
        if (history is null)
        {
            if (await grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller.Account) is not { } request) return TypedResults.NotFound();
            history = NotYetShipped.History(request);
        }

        return TypedResults.Ok(history.Select(TrackingEventResource.Of).ToArray());
    }

    public static async Task<Results<Ok<DeliveryOverviewResource>, NotFound>> GetOverview(string id, Caller caller, IGrainFactory grains)
    {
        var (asking, flying) = (
            grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller.Account).AsTask(), grains.GetGrain<IDeliveryGrain>(id).Get(caller.Account).AsTask());
        await Task.WhenAll(asking, flying);
        if (await asking is not { } request) return TypedResults.NotFound();

        var delivery = await flying;
        var package = grains.GetGrain<IPackageGrain>(request.Order.PackageId).Get().AsTask();
        var drone = (delivery?.DroneId ?? request.Transport?.DroneId) is { } droneId ? grains.GetGrain<IDroneGrain>(droneId).Get().AsTask() : Task.FromResult<DroneSnapshot?>(null);
        await Task.WhenAll(package, drone);
        return TypedResults.Ok(DeliveryOverviewResource.Of(
            request, delivery, delivery?.Status ?? NotYetShipped.Status(request), await package is { } known && known.OwnerId == request.Order.OwnerId ? known : null, await drone));
    }

    public static async Task<Results<Created<DeliveryResource>, NoContent, ForbiddenProblem, ConflictProblem, UnavailableProblem, ValidationProblem>> Put(
        string id, JsonBody body, Caller caller, HttpRequest request, IGrainFactory grains, IGeocoder geocoder, OrderTimes times, CancellationToken cancellationToken)
    {
        if (!body.TryRead(OrderInput.ReadDelivery, out var input, out ValidationProblem? problem) || !body.TryRead(GivenFields.OfDelivery, out var given, out problem)) return problem;
        if (caller.Refuse(input.OwnerId) is { } refusal) return refusal;
        var errors = new FieldErrors();
        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        var owner = caller.OwnerFor(input.OwnerId) ?? OrderInput.NobodysAccount;
        if (await input.Locate(owner, geocoder, times, errors, () => grain.Get(caller.Account), cancellationToken) is not { } order)
            return Problem.Validation(errors.ToDictionary());

        var result = await PutOrder.PutAsync(grain, order, given, input.PickupTime, isWhole: true, caller, request);
        return result.Outcome switch
        {
            CommandOutcome.Created => TypedResults.Created(request.PathTo($"/api/deliveries/{id}"), DeliveryResource.Of(id, order)),
            CommandOutcome.Exists or CommandOutcome.Done => TypedResults.NoContent(),
            CommandOutcome.Busy => new UnavailableProblem(result.Reason!, TransientFaults.RetryAfter),
            _ => new ConflictProblem(result),
        };
    }

    public static async Task<Results<Ok<DeliveryResource>, NotFound, ConflictProblem, ValidationProblem>> Reschedule(
        string id, JsonBody body, Caller caller, IGrainFactory grains, IGeocoder geocoder, OrderTimes times, CancellationToken cancellationToken)
    {
        if (!body.TryRead(ChangeInput.ReadDelivery, out var input, out ValidationProblem? problem) || !body.TryRead(GivenFields.OfDelivery, out var given, out problem)) return problem;
        var errors = new FieldErrors();
        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        if (await input.Locate(geocoder, times, errors, () => grain.Get(caller.Account), cancellationToken) is not { } change) return Problem.Validation(errors.ToDictionary());

        // What the client asks for besides is not ignored: these fields never change, so that they may be compared beforehand.
        if (!given.AreNone && await grain.Get(caller.Account) is { } known && given.Objection(known.Order) is { } objection) return new ConflictProblem(objection);
        var result = await grain.Reschedule(CommandId.New(), change, caller.Account);
        if (result.Outcome == CommandOutcome.NotFound) return TypedResults.NotFound();
        if (!result.Succeeded) return new ConflictProblem(result);
        return await Find(id, caller, grains) is { } delivery ? TypedResults.Ok(delivery) : TypedResults.NotFound();
    }

    public static async Task<Results<Ok, NotFound, ConflictProblem>> Cancel(string id, Caller caller, IGrainFactory grains)
    {
        var result = await grains.GetGrain<IDeliveryRequestGrain>(id).Cancel(CommandId.New(), "Cancelled by the client.", caller.Account);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Done or CommandOutcome.Created => TypedResults.Ok(),
            _ => new ConflictProblem(result),
        };
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, UnprocessableProblem, ValidationProblem>> NotifyMe(
        string id, JsonBody body, IdempotencyKey? key, Caller caller, IGrainFactory grains)
    {
        if (!body.TryRead(ReadNotification, out var notification, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;

        var result = await grains.GetGrain<IDeliveryGrain>(id).NotifyMe(
            key?.CommandOn("notify", id, body) ?? CommandId.New(), notification, caller.Account);
        if (result.Succeeded) return TypedResults.NoContent();
        if (result.Outcome == CommandOutcome.Exists) return IdempotencyKey.Reused();
        if (result.Outcome != CommandOutcome.NotFound) return new ConflictProblem(result.Reason);

        return await grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller.Account) is null
            ? TypedResults.NotFound()
            : new ConflictProblem("No drone is committed yet; ask again once the request is Scheduled.");
    }

    public static async Task<Results<Ok, NotFound, ConflictProblem, UnprocessableProblem, TooLargeProblem, ValidationProblem>> Confirm(
        string id, JsonBody body, IdempotencyKey? key, Caller caller, IGrainFactory grains, TimeProvider time)
    {
        if (!body.TryRead(fields => Confirmations.Read(fields, isStrict: false), out var confirmation, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        if (Confirmations.TooLarge(confirmation) is { } tooLarge) return tooLarge;

        var result = await grains.GetGrain<IDeliveryRequestGrain>(id).Confirm(
            key?.CommandOn("confirm", id, body) ?? CommandId.New(), Confirmations.Timed(confirmation, time), caller.Account);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Exists => IdempotencyKey.Reused(),
            CommandOutcome.Done or CommandOutcome.Created => TypedResults.Ok(),
            _ => new ConflictProblem(result),
        };
    }

    public static async Task<Results<FileContentHttpResult, NotFound>> GetConfirmation(string id, Caller caller, IGrainFactory grains, HttpResponse response)
    {
        if (await grains.GetGrain<IConfirmationGrain>(id).Get(caller.Account) is not { } blob) return TypedResults.NotFound();

        // It came from outside: it is saved, never shown, and kept by nobody in between.
        var content = ConfirmationContent.Of(blob);
        response.Headers.CacheControl = "no-store";
        return TypedResults.File(content.Bytes, content.MediaType, $"confirmation-{id}");
    }

    /// <summary>Stage, position and expected times; null when nobody asked for such a delivery.</summary>
    internal static async ValueTask<DeliveryStatus?> FindStatus(string id, CallerAccount caller, IGrainFactory grains)
    {
        if (await grains.GetGrain<IDeliveryGrain>(id).GetStatus(caller) is { } status) return status;
        return await grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller) is { } request ? NotYetShipped.Status(request) : null;
    }

    private static async ValueTask<DeliveryResource?> Find(string id, Caller caller, IGrainFactory grains)
    {
        // The order is asked of the request, which knows a change at once; the delivery learns of it with its next mission.
        var (asking, flying) = (
            grains.GetGrain<IDeliveryRequestGrain>(id).Get(caller.Account).AsTask(), grains.GetGrain<IDeliveryGrain>(id).Get(caller.Account).AsTask());
        await Task.WhenAll(asking, flying);
        return await asking is { } request ? DeliveryResource.Of(request, await flying) : null;
    }

    private static NotificationRequest ReadNotification(JsonFields body)
    {
        var email = body.Text("emailAddress", 254);
        var sms = body.Text("sms", 32);
        if (!string.IsNullOrEmpty(email) && !EmailAddress().IsMatch(email)) body.Fault("emailAddress", "must be an e-mail address");
        if (!string.IsNullOrEmpty(sms) && !PhoneNumber().IsMatch(sms)) body.Fault("sms", "must be a phone number");
        if (string.IsNullOrEmpty(email) && string.IsNullOrEmpty(sms)) body.FaultAll("needs emailAddress or sms");
        return new NotificationRequest(email, sms);
    }

    [GeneratedRegex(@"^[^@\s\p{C}]+@[^@\s\p{C}]+$")]
    private static partial Regex EmailAddress();

    [GeneratedRegex(@"^\+?[0-9][0-9 ()./-]{2,}$")]
    private static partial Regex PhoneNumber();
}
