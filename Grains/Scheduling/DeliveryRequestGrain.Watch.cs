using DroneDelivery.Shipping;

namespace DroneDelivery.Scheduling;

/// <summary>
/// How the request keeps its supervisor looking. What must go on is registered before it is stored, and stored before it is answered. In between the silo may stand still
/// and the shard look at another life of the request, which knows nothing of it yet: what took long is registered again.
/// </summary>
internal sealed partial class DeliveryRequestGrain
{
    /// <summary>How much younger than the look that a registration asks for the store has to be, and how old at most what a shard is told for long.</summary>
    private TimeSpan LookMargin => options.Value.Recheck / 2;

    /// <summary>
    /// Has the supervisor look soon, before anything is stored that must go on: it may have been told to come back in days, and this
    /// silo may die before it is told otherwise.
    /// </summary>
    /// <returns>When it was asked, by the clock that only goes forward.</returns>
    private async Task<long> LookSoon()
    {
        var asked = time.GetTimestamp();
        if (!await Supervisor.Register(Id, time.GetUtcNow() + options.Value.Recheck)) throw new TimeoutException($"The supervisor shard of {Id} is full.");
        return asked;
    }

    /// <summary>Asks once more when what was to be looked at was stored so late that the look may have come before it.</summary>
    private async Task LookAgain(long asked)
    {
        if (time.GetElapsedTime(asked) > LookMargin) await LookSoon();
    }

    /// <summary>The answer to a command that was carried out. Who did it may have died before the supervisor was asked once more.</summary>
    private async Task<CommandResult?> Remembered(CommandId command)
    {
        await CarryOut();
        if (Document.Commands.Find(command) is not { } known) return null;
        if (known.Succeeded && !IsArchived && !Document.IsSettled) await LookSoon();
        return known;
    }

    /// <summary>The supervisor need not look soon, or never again: that says only who knows the document as it is.</summary>
    private async Task<Watch?> Conclude(Watch? watch)
    {
        if (watch is null || watch.Due > time.GetUtcNow() + options.Value.Recheck) await Verify(LookMargin);
        return watch;
    }

    /// <summary>The delivery; that there is none is concluded from what is stored, and not from a life that has not read it.</summary>
    private async Task<DeliverySnapshot?> FindDelivery() => await Delivery.Get(CallerAccount.Any) ?? await Delivery.Find();

    /// <summary>Whether it is a life of the delivery that answers which does not know the end that the request knows, or an event that it has heard of.</summary>
    private bool IsBehind(DeliverySnapshot delivery, long lastEvent = long.MaxValue) => lastEvent < long.MaxValue
        ? delivery.LastEvent < lastEvent
        : Document.Status.IsFinal() && !delivery.Status.Stage.IsFinal() && (delivery.DroneId is not null || delivery.Attempt < Document.LastAttempt);

    private async Task ReadAgain()
    {
        await Reread();
        await OnRead();
    }
}
