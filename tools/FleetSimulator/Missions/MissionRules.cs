namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>
/// What a drone makes of what it hears. Reports and answers are level-based: each states how things stand, so any of them may be
/// lost or repeated.
/// </summary>
internal static class MissionRules
{
    /// <summary>The backend answered a report.</summary>
    /// <param name="mission">What the drone is doing.</param>
    /// <param name="order">What the backend wants it to do.</param>
    /// <param name="now">Wall clock.</param>
    public static MissionChange Hear(Mission? mission, MissionOrder? order, DateTimeOffset now)
    {
        if (mission is null) return Begin(default, order, now);
        if (mission.Is(order)) return new MissionChange(Refresh(mission, order!));
        if (mission.Phase == MissionPhase.Delivered) return Begin(new MissionChange { Finished = true }, order, now);
        if (mission.IsCommitted) return new MissionChange(mission with { Disowned = true }, Disowned: !mission.Disowned);

        var reason = order is null ? "the backend took it back" : "the backend gave another one";
        return Begin(new MissionChange { Dropped = reason }, order, now);
    }

    /// <summary>
    /// Whether the drone has to give the mission up by itself. Never while an answer to its question for the parcel is out: the
    /// delivery may already count on it, so it stands at the pickup and asks again; without a yes it takes nothing.
    /// </summary>
    public static bool HasLapsed(Mission mission, DateTimeOffset now) =>
        !mission.IsCommitted && !mission.PickupInDoubt && now >= mission.LeaseUntil;

    private static MissionChange Begin(MissionChange change, MissionOrder? order, DateTimeOffset now)
    {
        if (order is null || !order.IsValid) return change;

        var mission = Adopt(order);
        return HasLapsed(mission, now) ? change : change with { Mission = mission, Taken = true };
    }

    // A backend that knows of a pickup knows it from this drone: after a loss of memory the parcel is where it was.
    private static Mission Adopt(MissionOrder order) => new(
        order.DeliveryId,
        order.Attempt,
        order.Phase >= MissionPhase.HeadedToDropoff ? order.Phase : MissionPhase.HeadedToPickup,
        order.Pickup,
        order.Dropoff,
        order.Weight,
        order.LeaseUntil);

    private static Mission Refresh(Mission mission, MissionOrder order)
    {
        if (!order.IsValid) return mission;
        return mission with
        {
            Pickup = mission.IsCommitted ? mission.Pickup : order.Pickup,
            Dropoff = order.Dropoff,
            Weight = mission.HasParcelOnBoard ? mission.Weight : order.Weight,
            LeaseUntil = order.LeaseUntil,
            Disowned = false,
        };
    }
}
