using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>Registers drones; one that lost its memory is told where the backend last saw it.</summary>
/// <param name="links">The drones.</param>
internal sealed class RegistrationExchange(IReadOnlyList<DroneLink> links) : Exchange(links)
{
    private readonly List<(DroneLink Link, DroneSighting? Sighting, string? Refusal)> _answers = [];

    public override void Apply(IGroundStation station)
    {
        foreach (var (link, sighting, refusal) in _answers)
        {
            if (refusal is not null)
            {
                station.CountError($"The gateway does not register {link.Drone.Id}: {refusal}.");
                station.Postpone(link);
                continue;
            }

            link.IsRegistered = true;
            link.MustBeFound = false;
            if (sighting is { LastReport: not null, Position.IsValid: true }) link.Drone.Relocate(sighting.Position, sighting.Battery);
        }
    }

    protected override async Task AskAsync(GatewayClient gateway, CancellationToken cancellationToken)
    {
        foreach (var link in Links)
        {
            try
            {
                var isNew = await gateway.RegisterAsync(link.Drone.Id, Registration.Of(link.Drone.Profile), cancellationToken);
                var sighting = link.MustBeFound && !isNew ? await gateway.FindAsync(link.Drone.Id, cancellationToken) : null;
                _answers.Add((link, sighting, null));
            }
            catch (GatewayException failure) when (!failure.IsOutage)
            {
                _answers.Add((link, null, failure.Message));
            }
        }
    }
}
