using Orleans.Concurrency;

namespace DroneDelivery.Drones;

/// <summary>The only truth about a drone; key: the drone id.</summary>
[Alias("DroneDelivery.Drones.IDroneGrain")]
public interface IDroneGrain : IGrainWithStringKey
{
    /// <summary>
    /// Registers the drone or replaces its capabilities: Created, Done. Its counters of boots and reports begin anew, also when nothing else is new.
    /// </summary>
    [Alias("Register")]
    Task<CommandResult> Register(CommandId command, DroneRegistration registration);

    /// <summary>Takes in a report; the answer carries the mission the drone has now, or none.</summary>
    [Alias("Report")]
    [ResponseTimeout(ResponseTimes.Short)]
    Task<TelemetryAnswer> Report(TelemetryReport report);

    /// <summary>Commits the drone to a mission if it is free and can fly it; the same offer again gets the same answer.</summary>
    [Alias("Reserve")]
    Task<ReserveResult> Reserve(CommandId command, MissionOffer offer);

    /// <summary>Takes the mission back if it is still this one; Done also when it is not.</summary>
    [Alias("Release")]
    Task<CommandResult> Release(CommandId command, string deliveryId, int attempt);

    /// <summary>The drone stands at the pickup and asks whether it may take the parcel: Done, NotFound, Conflict.</summary>
    [Alias("RequestPickup")]
    Task<CommandResult> RequestPickup(CommandId command, string deliveryId, int attempt);

    /// <summary>
    /// Puts the drone into maintenance, with the reason, or back into service, with null: Done, NotFound. A flight begun before is
    /// finished; then it takes no mission.
    /// </summary>
    [Alias("SetMaintenance")]
    Task<CommandResult> SetMaintenance(CommandId command, string? reason);

    /// <summary>An operator has the next report believed, whatever its counters and its position are: Done, NotFound.</summary>
    [Alias("Reset")]
    Task<CommandResult> Reset(CommandId command);

    /// <summary>
    /// Gives the drone a key to sign in with, also before it is registered; the one before stays good, so that the drone can change over: Done.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="keyHash">What is kept of the key.</param>
    [Alias("AddKey")]
    Task<CommandResult> AddKey(CommandId command, string keyHash);

    /// <summary>Makes all its keys void: Done, NotFound when it has none.</summary>
    [Alias("RevokeKeys")]
    Task<CommandResult> RevokeKeys(CommandId command);

    /// <summary>Whether this is one of its keys.</summary>
    [Alias("HasKey"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<bool> HasKey(string keyHash);

    /// <summary>The drone, or null when not registered.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DroneSnapshot?> Get();
}
