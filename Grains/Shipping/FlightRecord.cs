namespace DroneDelivery.Shipping;

/// <summary>What drones flew for a delivery, from its tracking events.</summary>
/// <param name="Metres">Great-circle distance along the places where drones were seen, from where each was assigned.</param>
/// <param name="Assigned">Time from each assignment to handover or recall.</param>
internal readonly record struct FlightRecord(double Metres, TimeSpan Assigned)
{
    /// <summary>Metres in a statute mile, by definition.</summary>
    public const double MetresPerMile = 1_609.344;

    /// <summary>Statute miles.</summary>
    public double Miles => Metres / MetresPerMile;

    /// <summary>Hours; none when clocks of silos differ by more than a flight took.</summary>
    public double Hours => Math.Max(0, Assigned.TotalHours);

    /// <summary>
    /// Adds up the way from event to event of the same mission. Between missions, and where no drone was (what a client did, a confirmation
    /// after the handover), nothing was flown for this delivery. What no drone of that speed can have flown in the time does not count.
    /// </summary>
    public static FlightRecord Of(IEnumerable<TrackingEvent> events, IReadOnlyList<MissionSpeed>? speeds = null)
    {
        var (metres, assigned) = (0.0, TimeSpan.Zero);
        TrackingEvent? last = null;
        foreach (var next in events.Where(entry => entry is { Attempt: not null, Location: not null }))
        {
            if (last?.Attempt == next.Attempt)
            {
                var time = next.Time - last!.Time;
                var way = last.Location!.Value.DistanceTo(next.Location!.Value);
                metres += speeds?.FirstOrDefault(entry => entry.Attempt == next.Attempt) is { } most ? Math.Clamp(way, 0, Math.Max(0, most.Speed * time.TotalSeconds)) : way;
                assigned += time;
            }

            last = next;
        }

        return new(metres, assigned);
    }
}
