using DroneDelivery.Drones;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Operators keep drones on the ground because of the weather.</summary>
internal static class WeatherHolds
{
    private const int MaxReasonLength = 500;
    private const double MaxRadius = 1_000_000;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    public static async Task<Ok<WeatherHoldResource[]>> List(IGrainFactory grains) => TypedResults.Ok((await grains.GetGrain<IWeatherGrain>(0).Get()).Select(WeatherHoldResource.Of).ToArray());

    /// <summary>The hold that a request names, as the list shows it; null: there is none.</summary>
    public static async Task<object?> Shown(IGrainFactory grains, HttpRequest request) =>
        (await grains.GetGrain<IWeatherGrain>(0).Get()).FirstOrDefault(hold => hold.HoldId == request.Id()) is { } hold ? WeatherHoldResource.Of(hold) : null;

    public static async Task<Results<NoContent, ConflictProblem, ValidationProblem>> Set(string id, JsonBody body, IGrainFactory grains, TimeProvider time)
    {
        if (!body.TryRead(Read, out var hold, out ValidationProblem? problem)) return problem;
        if (hold.Until > time.GetUtcNow() + Longest) return Problem.Validation("until", "must not be more than 7 days away");

        var result = await grains.GetGrain<IWeatherGrain>(0).Set(hold with { HoldId = id }, CommandId.New());
        return result.Succeeded ? TypedResults.NoContent() : new ConflictProblem(result.Reason);
    }

    public static async Task<Results<NoContent, NotFound>> Lift(string id, IGrainFactory grains) =>
        (await grains.GetGrain<IWeatherGrain>(0).Lift(id, CommandId.New())).Succeeded ? TypedResults.NoContent() : TypedResults.NotFound();

    private static WeatherHold Read(JsonFields body)
    {
        var reason = body.Text("reason", MaxReasonLength);
        if (string.IsNullOrWhiteSpace(reason) && !body.Has("reason")) body.Missing("reason");
        var centre = body.Point("centre");
        return new WeatherHold("", reason ?? "", body.RequiredTime("until"), centre, centre is null ? 0 : body.RequiredPositive("radius", MaxRadius));
    }
}

/// <summary>A hold as an operator sets it.</summary>
/// <param name="Reason">Why; shown to clients whose parcels wait.</param>
/// <param name="Until">When it ends by itself, at most a week away.</param>
/// <param name="Centre">Middle of the area; left out: everywhere.</param>
/// <param name="Radius">Metres around it; required with a centre.</param>
internal sealed record WeatherHoldBody(string Reason, DateTimeOffset Until, GeoPoint? Centre, double? Radius);

/// <summary>A hold that lasts.</summary>
/// <param name="HoldId">Its id.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="Centre">Middle of the area; left out: everywhere.</param>
/// <param name="Radius">Metres around it.</param>
internal sealed record WeatherHoldResource(string HoldId, string Reason, DateTimeOffset Until, GeoPoint? Centre, double? Radius)
{
    public static WeatherHoldResource Of(WeatherHold hold) => new(hold.HoldId, hold.Reason, hold.Until, hold.Centre, hold.Centre is null ? null : hold.Radius);
}
