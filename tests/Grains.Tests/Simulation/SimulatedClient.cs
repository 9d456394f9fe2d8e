using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>A client with one request; it repeats a command until it gets an answer.</summary>
internal sealed class SimulatedClient
{
    private readonly SimulatedWorld _world;
    private readonly List<Func<CommandId, Task<CommandResult>>> _sent = [];
    private bool _calm;
    private Task<CommandResult>? _confirmation;

    public SimulatedClient(SimulatedWorld world, string id, DeliveryOrder order)
    {
        (_world, Order, Id) = (world, order, id);
        Shard = SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(Id));
        Send("submit", command => Grain.Submit(command, Order));
    }

    public string Id { get; }

    public static string OldId(DateTimeOffset made) => $"{made.ToUnixTimeMilliseconds():x12}7000a000000000000000";

    public DeliveryOrder Order { get; }

    public int Shard { get; }

    public bool ResolvedByHand { get; set; }

    /// <summary>Every command and the answers it got; failures are no answers.</summary>
    public Dictionary<CommandId, List<CommandResult>> Answers { get; } = [];

    public int Reschedules { get; private set; }

    private IDeliveryRequestGrain Grain => _world.Cluster.Grains.GetGrain<IDeliveryRequestGrain>(Id);

    public bool WasAccepted => Answers[new CommandId("submit")].Contains(CommandResult.Created);

    public bool WasCancelled => Answers.Any(entry => entry.Key.Value.StartsWith("cancel", StringComparison.Ordinal) && entry.Value.Any(answer => answer.Succeeded));

    public void Act(int pick)
    {
        switch (pick % 8)
        {
            case < 3:
                Repeat(pick / 8 % _sent.Count);
                break;
            case 3:
                Send($"cancel-{_sent.Count}", command => Grain.Cancel(command, "not wanted"));
                break;
            case 4 or 5:
                Reschedules++;
                var place = new Place(null, Order.Dropoff.Location.Destination(pick % 360, 50));
                Send($"reschedule-{_sent.Count}", command => Grain.Reschedule(command, new DeliveryChange(null, place, null, null, null)));
                break;
            case 6:
                Send($"confirm-{_sent.Count}", Confirm);
                break;
            default:
                SimulatedWorld.Watch(Look());
                break;
        }
    }

    /// <summary>Asks for the answers that it does not have yet.</summary>
    public void Calm()
    {
        _calm = true;
        for (var number = 0; number < _sent.Count; number++)
            if (Answers.ElementAt(number).Value.Count == 0) Repeat(number);
    }

    /// <summary>Confirms what needs it, as a receiver does.</summary>
    public void Finish()
    {
        SimulatedWorld.Watch(Look());
        if (!_calm || Order.Confirmation == ConfirmationRequired.None || _confirmation is { IsCompleted: false } || _confirmation?.IsCompletedSuccessfully == true && _confirmation.Result.Succeeded) return;
        SimulatedWorld.Watch(_confirmation = Confirm(new CommandId("confirm-at-last")));
    }

    private Task<CommandResult> Confirm(CommandId command) =>
        Grain.Confirm(command, new DeliveryConfirmation(Order.Confirmation, _world.Cluster.Time.Now, null, "evidence"));

    /// <summary>Asks what has happened, as the gateway does.</summary>
    private async Task Look()
    {
        try
        {
            var history = await _world.Cluster.Grains.GetGrain<IDeliveryGrain>(Id).GetHistory().ConfigureAwait(false)
                ?? (await Grain.Get().ConfigureAwait(false) is { } request ? NotYetShipped.History(request) : []);
            _world.Invariants.Told(Id, history);
        }
        catch (InvariantException violation)
        {
            // Ends the run: nobody awaits this look.
            _world.Cluster.Events.Insert(0, new("violation", null, () => throw violation));
        }
        catch (Exception)
        {
            // No answer: nothing was told.
        }
    }

    private void Send(string name, Func<CommandId, Task<CommandResult>> call)
    {
        Answers.Add(new CommandId(name), []);
        _sent.Add(call);
        if (_sent.Count > 1) Repeat(_sent.Count - 1);
    }

    private void Repeat(int number)
    {
        var (command, answers) = Answers.ElementAt(number);
        SimulatedWorld.Watch(Ask());

        async Task Ask()
        {
            try
            {
                var answer = await _sent[number](command).ConfigureAwait(false);
                if (answer.Outcome != CommandOutcome.Busy) answers.Add(answer);
            }
            catch (Exception)
            {
                if (_calm && answers.Count == 0) Repeat(number);
            }
        }
    }
}
