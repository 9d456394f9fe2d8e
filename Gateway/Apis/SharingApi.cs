using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Sharing;
using DroneDelivery.Gateway.Tracking;
using DroneDelivery.Scheduling;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Links by which anybody follows one delivery, without learning whose it is.</summary>
internal static class SharingApi
{
    private const int DefaultHours = 24;
    private const int MaxHours = 14 * 24;

    /// <summary>Maps the making of links into the group of deliveries.</summary>
    public static void MapShares(this IEndpointRouteBuilder deliveries) =>
        deliveries.MapPost("/{id}/shares", Share).AcceptsJson<ShareBody>().AcceptsIdempotencyKey().ProducesNotFound()
            .WithSummary("Makes a link by which anybody may follow this delivery until it ends.");

    /// <summary>Maps what links lead to.</summary>
    public static void MapShared(this IEndpointRouteBuilder api)
    {
        var shared = api.MapGroup("/shared").WithTags("Shared deliveries").AllowAnonymous();
        shared.MapGet("/{link}", Get).ProducesNotFound().WithSummary("Stage, position and expected times of the delivery that a link leads to.");
        shared.MapTracking("/{link}/tracking", Track, "Follows the delivery that a link leads to: server-sent events 'status', 'lost' and 'heartbeat'; ends with the link, at a final stage or with the parcel lost. 204 to a client that comes back after such an end.");
    }

    public static async Task<Results<Created<ShareResource>, NotFound, ConflictProblem, UnprocessableProblem, ValidationProblem>> Share(
        string id, JsonBody body, IdempotencyKey? key, Caller caller, HttpRequest request, ShareLinks links, IGrainFactory grains, TimeProvider time)
    {
        if (!body.TryRead(fields => new ShareBody((int?)fields.Whole("hours", 1, MaxHours)), out var wish, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        if (!links.AreAvailable) return new ConflictProblem("This service has no key for share links.");
        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        if (await grain.Get(caller.Account) is not { } asked) return TypedResults.NotFound();

        // A link is made of its delivery, its owner and its end, so the same end makes the same link.
        var now = time.GetUtcNow();
        if (key is not null)
        {
            var remembered = await grain.Remember(key.CommandOn("share", id, body), caller.Account);
            if (remembered.Result.Outcome == CommandOutcome.NotFound) return TypedResults.NotFound();
            if (remembered.Result.Outcome == CommandOutcome.Exists) return IdempotencyKey.Reused();
            if (!remembered.Result.Succeeded) return new ConflictProblem(remembered.Result.Reason);
            now = remembered.At;
        }

        var until = now.AddHours(wish.Hours ?? DefaultHours);
        var path = request.PathTo($"/api/shared/{links.Make(id, asked.Order.OwnerId, until)}");
        return TypedResults.Created(path, new ShareResource(path, $"{path}/tracking", until));
    }

    public static async Task<Results<Ok<DeliveryStatusResource>, NotFound>> Get(string link, ShareLinks links, IGrainFactory grains) =>
        links.TryRead(link, out var id, out var caller, out _) && await DeliveriesApi.FindStatus(id, caller, grains) is { } status
            ? TypedResults.Ok(DeliveryStatusResource.Of(status))
            : TypedResults.NotFound();

    public static Task<IResult> Track(
        string link, ShareLinks links, DeliveryWatches watches, IOptions<TrackingOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, HttpContext http) =>
        links.TryRead(link, out var id, out var caller, out var until)
            ? TrackingApi.FollowStatus(id, caller, until, watches, options, lifetime, time, http)
            : Task.FromResult<IResult>(TypedResults.NotFound());
}
