using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>Asks for the parcels of drones that stand at their pickups.</summary>
/// <param name="links">The drones.</param>
internal sealed class ParcelExchange(IReadOnlyList<DroneLink> links) : Exchange(links)
{
    private readonly PickupQuestion[] _questions =
        [.. links.Select(link => new PickupQuestion(link.Drone.Mission!.DeliveryId, link.Drone.Mission.Attempt))];

    private readonly bool[] _wasInDoubt = [.. links.Select(link => link.Drone.Mission!.PickupInDoubt)];
    private int _asked;

    // Null: the answer is not known, so it may have been yes.
    private readonly bool?[] _answers = new bool?[links.Count];
    private readonly List<string> _errors = [];

    public override void Apply(IGroundStation station)
    {
        _errors.ForEach(station.CountError);
        for (var i = 0; i < _answers.Length; i++)
        {
            var question = _questions[i];
            // What was not asked, because a question before it failed, leaves no doubt.
            var answer = i < _asked || _wasInDoubt[i] ? _answers[i] : false;
            if (answer is { } granted) Links[i].Drone.HearAboutParcel(question.DeliveryId, question.Attempt, granted);
        }
    }

    protected override async Task AskAsync(GatewayClient gateway, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _questions.Length; i++)
        {
            _asked = i + 1;
            try
            {
                _answers[i] = await gateway.AskForParcelAsync(Links[i].Drone.Id, _questions[i], cancellationToken);
            }
            catch (GatewayException failure) when (failure.Status is not null)
            {
                // Trouble with one delivery; the drone asks again after its next report.
                _errors.Add($"The gateway did not say whether {Links[i].Drone.Id} may take its parcel: {failure.Message}.");
                if (!failure.IsOutage) _answers[i] = false;
            }
        }
    }
}
