using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>Asks for the parcels of drones that stand at their pickups, all at once.</summary>
/// <param name="links">The drones.</param>
internal sealed class ParcelExchange(IReadOnlyList<DroneLink> links) : Exchange(links)
{
    private readonly PickupQuestion[] _questions =
        [.. links.Select(link => new PickupQuestion(link.Drone.Mission!.DeliveryId, link.Drone.Mission.Attempt))];

    // Null: the answer is not known, so it may have been yes.
    private readonly bool?[] _answers = new bool?[links.Count];
    private readonly string?[] _errors = new string?[links.Count];

    public override void Apply(IGroundStation station)
    {
        for (var i = 0; i < _answers.Length; i++)
        {
            var drone = Links[i].Drone;
            if (_errors[i] is { } error) station.CountError($"The gateway did not say whether {drone.Id} may take its parcel: {error}.");
            if (_answers[i] is { } granted) drone.HearAboutParcel(_questions[i].DeliveryId, _questions[i].Attempt, granted);
        }
    }

    protected override Task AskAsync(GatewayClient gateway, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, _questions.Length).Select(i => AskAsync(gateway, i, cancellationToken)));

    private async Task AskAsync(GatewayClient gateway, int i, CancellationToken cancellationToken)
    {
        try
        {
            _answers[i] = await gateway.AskForParcelAsync(Links[i].Drone.Id, _questions[i], cancellationToken);
        }
        catch (GatewayException failure) when (failure.Status is not null)
        {
            // Trouble with one delivery says nothing about the gateway; the drone asks again after its next report.
            _errors[i] = failure.Message;
            if (!failure.IsOutage) _answers[i] = false;
        }
    }
}
