using System.ComponentModel;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Apis;

/// <summary>All drones for operators, a page at a time.</summary>
internal static class FleetList
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>Handles <c>GET /api/operations/drones</c>.</summary>
    public static async Task<Results<Ok<FleetPageResource>, ValidationProblem>> Get(
        [FromQuery, Description("Drones after this one only: next of the page before.")] string? after,
        [FromQuery, Description("Most drones on a page, 1 to 200; 50 when left out.")] string? limit,
        IGrainFactory grains)
    {
        var fields = new QueryFields();
        var (start, most) = (fields.Id("after", after), fields.Whole("limit", limit, 1, MaxLimit) ?? DefaultLimit);
        if (fields.Errors.Any) return Problem.Validation(fields.Errors.ToDictionary());

        // One more than shown, to see whether anything follows.
        var shards = await Task.WhenAll(Enumerable.Range(0, FleetShards.Count).Select(shard => grains.GetGrain<IFleetGrain>(shard).List(start, most + 1).AsTask()));
        string[] ids = [.. shards.SelectMany(shard => shard).Order(StringComparer.Ordinal).Take(most + 1)];
        var drones = await Task.WhenAll(ids.Take(most).Select(id => grains.GetGrain<IDroneGrain>(id).Get().AsTask()));
        return TypedResults.Ok(new FleetPageResource(
            [.. drones.OfType<DroneSnapshot>().Select(DroneConditionResource.Of)], ids.Length > most ? ids[most - 1] : null));
    }
}

/// <summary>A page of drones.</summary>
/// <param name="Drones">The drones, by id.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; left out: nothing follows.</param>
internal sealed record FleetPageResource(DroneConditionResource[] Drones, string? Next);
