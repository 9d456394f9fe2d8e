using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>One batch of telemetry.</summary>
/// <param name="links">The drones.</param>
/// <param name="reports">Their reports, in the same order.</param>
internal sealed class ReportExchange(IReadOnlyList<DroneLink> links, IReadOnlyList<TelemetryReport> reports) : Exchange(links)
{
    private IReadOnlyList<TelemetryAnswer> _answers = [];

    public override void Apply(IGroundStation station)
    {
        if (Failure is not null) return;

        var answers = new TelemetryAnswer?[Links.Count];
        foreach (var answer in _answers)
        {
            if (answer.Line >= 1 && answer.Line <= answers.Length) answers[answer.Line - 1] = answer;
        }

        for (var i = 0; i < answers.Length; i++)
            Apply(station, Links[i], answers[i]);
    }

    protected override async Task AskAsync(GatewayClient gateway, CancellationToken cancellationToken) =>
        _answers = await gateway.ReportAsync(reports, cancellationToken);

    private static void Apply(IGroundStation station, DroneLink link, TelemetryAnswer? answer)
    {
        switch (answer)
        {
            case { Outcome: TelemetryOutcome.Accepted }:
                station.CountReport();
                link.Drone.Hear(answer.Mission, station.Now);
                link.ShouldAskForParcel = link.Drone.WantsParcel;
                break;
            case { Outcome: TelemetryOutcome.UnknownDrone }:
                link.IsRegistered = false;
                break;
            case { Outcome: { } outcome }:
                // Not about how things stand now, so the mission in it may not be either.
                station.CountError($"The gateway did not take a report of {link.Drone.Id}: {outcome}.");
                break;
            case { Error: { } error }:
                station.CountError($"The gateway refused a report of {link.Drone.Id}: {error}.");
                break;
            default:
                station.CountError($"The gateway did not answer a report of {link.Drone.Id}.");
                break;
        }
    }
}
