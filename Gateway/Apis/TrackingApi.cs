using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Tracking;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>A delivery followed live, as server-sent events.</summary>
internal static class TrackingApi
{
    private const string ContentType = "text/event-stream";
    private const string LastEventId = "Last-Event-ID";

    /// <summary>Id of the last status of a stream without events.</summary>
    private const string EndId = "end";

    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(14);

    /// <summary>Maps <c>GET /api/deliveries/{id}/tracking</c> into the group of deliveries.</summary>
    public static void MapTracking(this IEndpointRouteBuilder deliveries) => deliveries.MapTracking(
        "/{id}/tracking", Track,
        "Follows a delivery: server-sent events 'event' (as in the history; its id may be sent back as Last-Event-ID), 'status' (as in the status), 'lost' and 'heartbeat'; ends at a final stage or with the parcel lost. 204 to a client that comes back after that: nothing more will happen.");

    /// <summary>Maps a route that answers with a stream of events.</summary>
    public static void MapTracking(this IEndpointRouteBuilder routes, string pattern, Delegate handler, string summary) =>
        routes.MapGet(pattern, handler).ProducesNotFound().ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .Produces<string>(StatusCodes.Status200OK, ContentType)
            .Produces(StatusCodes.Status204NoContent)
            .WithMetadata(new StaysOpen())
            .DisableRequestTimeout()
            .WithSummary(summary);

    public static async Task<IResult> Track(
        string id,
        Caller caller,
        [FromHeader(Name = LastEventId)] string? lastEventId,
        DeliveryWatches watches,
        IOptions<TrackingOptions> options,
        IHostApplicationLifetime lifetime,
        HttpContext http)
    {
        var after = 0L;
        if (!string.IsNullOrEmpty(lastEventId) && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problem.Validation(LastEventId, "must be the id of an event of this stream");
        if (http.AsksForHeadersOnly()) return TypedResults.Text("", ContentType);
        var (opened, refusal) = await Open(id, caller.Account, watches, http);
        if (opened is not { } watcher) return refusal!;

        // A browser comes back after every end of a stream, unless it is told so.
        return watcher.View.HasToldAll(after)
            ? TypedResults.NoContent()
            : TypedResults.ServerSentEvents(Follow(watcher, after, options.Value.Heartbeat, lifetime.ApplicationStopping, http.RequestAborted));
    }

    /// <summary>
    /// The stream for those who may know where a parcel is, and not what happened to it: without events of the history, until the end of their link.
    /// The last status has an id, so that a client that comes back with it is told that nothing follows.
    /// </summary>
    internal static async Task<IResult> FollowStatus(
        string id, CallerAccount caller, DateTimeOffset until, DeliveryWatches watches, IOptions<TrackingOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, HttpContext http)
    {
        if (http.AsksForHeadersOnly()) return TypedResults.Text("", ContentType);
        var (opened, refusal) = await Open(id, caller, watches, http);
        if (opened is not { } watcher) return refusal!;
        if (watcher.View.IsFinal && http.Request.Headers[LastEventId] == EndId) return TypedResults.NoContent();

        var ended = new CancellationTokenSource(Limit(until - time.GetUtcNow()), time);
        http.Response.RegisterForDispose(ended);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, ended.Token);
        http.Response.RegisterForDispose(ending);
        return TypedResults.ServerSentEvents(Follow(watcher, long.MaxValue, options.Value.Heartbeat, ending.Token, http.RequestAborted));
    }

    private static async Task<(DeliveryWatches.Watcher? Watcher, IResult? Refusal)> Open(string id, CallerAccount caller, DeliveryWatches watches, HttpContext http)
    {
        if (watches.IsFull) return (null, new UnavailableProblem("Too many deliveries are followed at the moment.", TransientFaults.RetryAfter));
        if (await watches.Open(id, caller) is not { } watcher) return (null, TypedResults.NotFound());

        http.Response.RegisterForDispose(watcher);
        return (watcher, null);
    }

    // A gateway that leaves ends its streams at once: their clients come back elsewhere, with the id of what they last heard.
    private static async IAsyncEnumerable<SseItem<object>> Follow(
        DeliveryWatches.Watcher watcher, long after, TimeSpan heartbeat, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        var isOfEvents = after < long.MaxValue;
        DeliveryView? seen = null;
        while (true)
        {
            var view = watcher.View;
            foreach (var occurred in view.History.Where(occurred => occurred.Sequence > after))
            {
                after = occurred.Sequence;
                yield return new SseItem<object>(TrackingEventResource.Of(occurred), "event")
                {
                    EventId = after.ToString(CultureInfo.InvariantCulture),
                    ReconnectionInterval = ReconnectAfter,
                };
            }

            var status = DeliveryStatusResource.Of(view.Status);
            if (view.Status.Lost) yield return new SseItem<object>(status, "lost");
            if (seen?.Status != view.Status) yield return new SseItem<object>(status, "status") { EventId = view.IsFinal && !isOfEvents ? EndId : null };
            seen = view;
            if (view.IsFinal || watcher.IsGone) yield break;

            bool changed;
            try
            {
                changed = await watcher.Changed(view, heartbeat, ending.Token);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            if (!changed) yield return new SseItem<object>(new { }, "heartbeat");
        }
    }

    // Longer than any timer runs is as good as for ever here: a link ends sooner.
    private static TimeSpan Limit(TimeSpan rest) => rest < TimeSpan.Zero ? TimeSpan.Zero : rest < LongestTimer ? rest : LongestTimer;
}
