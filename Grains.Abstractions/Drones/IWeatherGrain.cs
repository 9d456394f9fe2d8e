using Orleans.Concurrency;

namespace DroneDelivery.Drones;

/// <summary>Where operators keep drones on the ground because of the weather; one for the whole system, with key 0.</summary>
[Alias("DroneDelivery.Drones.IWeatherGrain")]
public interface IWeatherGrain : IGrainWithIntegerKey
{
    /// <summary>Sets a hold or replaces the one of that id: Created, Done; Conflict when there are too many or its end has passed.</summary>
    [Alias("Set")]
    Task<CommandResult> Set(WeatherHold hold, CommandId command = default);

    /// <summary>Lifts a hold: Done, NotFound.</summary>
    [Alias("Lift")]
    Task<CommandResult> Lift(string holdId, CommandId command = default);

    /// <summary>The holds that last, by id.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<IReadOnlyList<WeatherHold>> Get();
}

/// <summary>No drone sets out where this is; flights under way go on.</summary>
/// <param name="HoldId">Its id.</param>
/// <param name="Reason">Why, shown to clients.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="Centre">Middle of the area; null: everywhere.</param>
/// <param name="Radius">Metres around it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.WeatherHold")]
public sealed record WeatherHold(string HoldId, string Reason, DateTimeOffset Until, GeoPoint? Centre = null, double Radius = 0)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}
