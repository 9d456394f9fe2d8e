using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Apis;

/// <summary>An order put under an id of the client's choice: made if there is none, else changed to what is put, or refused.</summary>
internal static class PutOrder
{
    private const int Attempts = 5;

    /// <summary>
    /// Makes or changes the order: Created; Exists when it is that already; Done when it was changed; Conflict when its stage or one of its fields
    /// does not allow that; NotFound when the id is another account's; Busy; PreconditionFailed.
    /// The change is compared with the order in the grain's turn, so that nothing that comes in between is overwritten.
    /// </summary>
    /// <param name="grain">The request.</param>
    /// <param name="wanted">The order as put.</param>
    /// <param name="given">What the body says of fields that cannot change.</param>
    /// <param name="pickupTime">The earliest pickup, if the body says one.</param>
    /// <param name="isWhole">Whether a deadline that is left out means none; else it stays.</param>
    /// <param name="caller">Who puts it.</param>
    /// <param name="request">The request, for its conditions.</param>
    public static async Task<CommandResult> PutAsync(
        IDeliveryRequestGrain grain, DeliveryOrder wanted, GivenFields given, DateTimeOffset? pickupTime, bool isWhole, Caller caller, HttpRequest request)
    {
        var result = await grain.Submit(CommandId.New(), wanted, caller.Account);
        if (result.Outcome != CommandOutcome.Exists) return result;

        var demanded = Conditions.Of(request)?.For(grain.GetGrainId());
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await grain.Get(caller.Account) is not { } known) break;
            if (demanded?.Holds(known.OrderVersion, known.Version) == false) return CommandResult.PreconditionFailed;
            if (given.Objection(known.Order) is { } objection) return CommandResult.Conflict(objection);
            if (Difference(known.Order, wanted, pickupTime, isWhole || given.Deadline) is not { } change) return CommandResult.Exists;

            // What was compared above has to be what is changed.
            new Precondition(grain.GetGrainId().ToString(), [known.Version], null).Attach();
            var changed = await grain.Reschedule(CommandId.New(), change, caller.Account);
            if (changed.Outcome is not (CommandOutcome.PreconditionFailed or CommandOutcome.NotFound)) return changed;
        }

        return CommandResult.Busy("The delivery changes all the time; come back later.");
    }

    private static DeliveryChange? Difference(DeliveryOrder known, DeliveryOrder wanted, DateTimeOffset? pickupTime, bool saysDeadline)
    {
        var change = new DeliveryChange(
            IsSame(known.Pickup, wanted.Pickup) ? null : wanted.Pickup,
            IsSame(known.Dropoff, wanted.Dropoff) ? null : wanted.Dropoff,
            pickupTime == known.PickupTime ? null : pickupTime,
            !saysDeadline || wanted.DeadlineText == known.DeadlineText ? null : wanted.DeadlineText,
            wanted.Deadline);
        return change is { Pickup: null, Dropoff: null, PickupTime: null, DeadlineText: null } ? null : change;
    }

    // A place is read as a point, whatever words it was ordered in.
    private static bool IsSame(Place known, Place wanted) => wanted.Text is null ? wanted.Location == known.Location : wanted.Text == known.Text;
}
