using System.Diagnostics.Metrics;

namespace DroneDelivery.Archiving;

/// <summary>What archiving comes to, for whoever reads the meter <c>DroneDelivery.Archiving</c>.</summary>
internal sealed class ArchiveMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _outcomes = meters.Create("DroneDelivery.Archiving")
        .CreateCounter<long>("dronedelivery.archive.outcomes", "{delivery}", "Deliveries that were to be archived, by what became of them: Archived, NotYet, Unknown, Failed.");

    /// <summary>Counts one.</summary>
    public void Count(string outcome) => _outcomes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
