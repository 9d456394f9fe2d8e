using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Tracking;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>A delivery followed live, as server-sent events.</summary>
internal static class TrackingApi
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(2);

    /// <summary>Maps <c>GET /api/deliveries/{id}/tracking</c> into the group of deliveries.</summary>
    public static void MapTracking(this IEndpointRouteBuilder deliveries) => deliveries.MapTracking(
        "/{id}/tracking", Track,
        "Follows a delivery: server-sent events 'event' (as in the history; its id may be sent back as Last-Event-ID), 'status' (as in the status) and 'heartbeat'; ends at a final stage.");

    /// <summary>Maps a route that answers with a stream of events.</summary>
    public static void MapTracking(this IEndpointRouteBuilder routes, string pattern, Delegate handler, string summary) =>
        routes.MapGet(pattern, handler).ProducesNotFound().ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithMetadata(new StaysOpen())
            .DisableRequestTimeout()
            .WithSummary(summary);

    public static async Task<IResult> Track(
        string id,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        DeliveryWatches watches,
        IOptions<TrackingOptions> options,
        IHostApplicationLifetime lifetime,
        HttpContext http)
    {
        var after = 0L;
        if (!string.IsNullOrEmpty(lastEventId) && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problem.Validation("Last-Event-ID", "must be the id of an event of this stream");
        return await Follow(id, after, watches, options, lifetime, http);
    }

    /// <summary>The stream of a delivery, with the events after the one of this number.</summary>
    internal static async Task<IResult> Follow(
        string id, long after, DeliveryWatches watches, IOptions<TrackingOptions> options, IHostApplicationLifetime lifetime, HttpContext http)
    {
        if (http.AsksForHeadersOnly()) return TypedResults.Text("", "text/event-stream");
        if (watches.IsFull) return new UnavailableProblem("Too many deliveries are followed at the moment.", TransientFaults.RetryAfter);
        if (await watches.Open(id) is not { } watcher) return TypedResults.NotFound();

        http.Response.RegisterForDispose(watcher);
        return TypedResults.ServerSentEvents(Follow(watcher, after, options.Value.Heartbeat, lifetime.ApplicationStopping, http.RequestAborted));
    }

    // A gateway that leaves ends its streams at once: their clients come back elsewhere, with the id of what they last heard.
    private static async IAsyncEnumerable<SseItem<object>> Follow(
        DeliveryWatches.Watcher watcher, long after, TimeSpan heartbeat, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
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

            if (seen?.Status != view.Status) yield return new SseItem<object>(DeliveryStatusResource.Of(view.Status), "status");
            seen = view;
            if (view.IsFinal) yield break;

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
}
