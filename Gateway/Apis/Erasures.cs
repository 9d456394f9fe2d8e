using DroneDelivery.Erasure;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Operators erase what is stored of an owner, when he asks for it.</summary>
internal static class Erasures
{
    public static async Task<Results<Accepted<ErasureResource>, ConflictProblem>> Begin(string id, HttpRequest request, IGrainFactory grains)
    {
        var erasure = grains.GetGrain<IOwnerErasureGrain>(id);
        var begun = await erasure.Begin();
        if (!begun.Succeeded) return new ConflictProblem(begun.Reason);

        var progress = await erasure.Get() ?? throw new InvalidOperationException($"The erasure of {id} has begun and is not there.");
        return TypedResults.Accepted(request.PathTo($"/api/operations/erasures/{id}"), ErasureResource.Of(progress));
    }

    /// <summary>The erasure that a request names; null: there is none.</summary>
    public static async Task<object?> Shown(IGrainFactory grains, HttpRequest request) =>
        await grains.GetGrain<IOwnerErasureGrain>(request.Id()).Get() is { } progress ? ErasureResource.Of(progress) : null;

    public static async Task<Results<Ok<ErasureResource>, NotFound>> Get(string id, IGrainFactory grains) =>
        await grains.GetGrain<IOwnerErasureGrain>(id).Get() is { } progress ? TypedResults.Ok(ErasureResource.Of(progress)) : TypedResults.NotFound();
}

/// <summary>How far an erasure is.</summary>
/// <param name="OwnerId">Whose data.</param>
/// <param name="Status">Erasing or Erased.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="FinishedAt">When nothing was left.</param>
/// <param name="Erased">Deliveries erased so far.</param>
/// <param name="Waiting">Deliveries that could not be erased when they were last looked at; they are tried again.</param>
internal sealed record ErasureResource(string OwnerId, string Status, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Erased, int Waiting)
{
    public static ErasureResource Of(ErasureProgress progress) => new(
        progress.OwnerId, progress.FinishedAt is null ? "Erasing" : "Erased", progress.StartedAt, progress.FinishedAt, progress.Erased, progress.Waiting);
}
