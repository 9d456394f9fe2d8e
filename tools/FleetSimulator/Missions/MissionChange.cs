namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>What an answer changes.</summary>
/// <param name="Mission">The drone's mission from now on.</param>
/// <param name="Finished">The mission before it was delivered, and the backend knows.</param>
/// <param name="Dropped">Why the mission before it was dropped; null: it was not.</param>
/// <param name="Taken">Whether <paramref name="Mission"/> is a new one.</param>
/// <param name="Disowned">Whether the backend has just taken back a mission whose parcel the drone has.</param>
internal readonly record struct MissionChange(
    Mission? Mission, bool Finished = false, string? Dropped = null, bool Taken = false, bool Disowned = false);
