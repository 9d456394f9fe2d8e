using DroneDelivery.Drones;

namespace DroneDelivery.Scheduling;

/// <summary>
/// How an operator ends a request. The decision is stored before the delivery hears of it: whatever fails in between, the request ends as was decided, and takes its
/// mission back.
/// </summary>
internal sealed partial class DeliveryRequestGrain
{
    private const string OperatorStep = "Operator";

    private async Task<CommandResult> End(Verdict verdict)
    {
        await Store(Document with { Verdict = verdict });
        return await CarryOut();
    }

    /// <summary>Carries out what an operator decided, if anything; Conflict when the delivery has ended otherwise, and the decision is void.</summary>
    private async Task<CommandResult> CarryOut()
    {
        if (Document.Verdict is not { } verdict) return CommandResult.Done;
        _step = OperatorStep;
        var isDeadLetter = Document.Status == RequestStatus.DeadLettered;
        var (closed, isDamaged) = await Close(verdict, isDeadLetter);
        if (!closed.Succeeded)
        {
            await Store(Document with { Verdict = null });
            return closed;
        }

        var ended = Document.MoveTo(verdict.Becomes, verdict.Note);
        ended = isDeadLetter ? ended.WithoutTransport() : ended with { Undo = [.. ended.Undo, ended.Transport!] };
        await Store((ended with { Verdict = null, Discard = isDamaged })
            .WithoutFlag(time.GetUtcNow(), $"{(isDeadLetter ? "Abandoned" : $"Resolved as {verdict.Becomes}")}: {verdict.Note}")
            .WithCommand(verdict.Command, CommandResult.Done));
        Queue.Withdraw(Id).Ignore();
        await Attempt(Undo);
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
    }

    private async Task<(CommandResult Closed, bool IsDamaged)> Close(Verdict verdict, bool isDeadLetter)
    {
        if (verdict.Becomes == RequestStatus.Completed) return (await Delivery.Complete(verdict.Command, verdict.Note), false);
        if (Document.LastAttempt == 0) return (CommandResult.Done, false);
        try
        {
            var given = await Delivery.GiveUp(verdict.Command, Document.LastAttempt, verdict.Note);
            return (given.Succeeded || !isDeadLetter ? given : CommandResult.Conflict("The parcel was delivered; replay the request, and it completes."), false);
        }
        catch (Exception failure) when (isDeadLetter && !Retry.MayHelp(failure))
        {
            LogStepFailed(failure, Id, OperatorStep, 1);
            return (CommandResult.Done, true); // Its document is damaged; that is why an operator gives it up.
        }
    }

    /// <summary>The request has ended without its delivery, which ended otherwise: operators have to know.</summary>
    private async Task Contradict(string reason)
    {
        var now = time.GetUtcNow();
        var carrier = (await Delivery.Get(CallerAccount.Any))?.DroneId ?? "unknown";
        var alarm = new RequestAlarm(DroneEventKind.StrayParcel, carrier, Document.LastAttempt, now, $"The request is {Document.Status}, but its delivery was not given up: {reason}");
        if (Document.WithAlarm(alarm) is not { } next) return;
        await Store(next);
        await Tell();
    }
}

/// <summary>How an operator ends a request.</summary>
/// <param name="Command">The command.</param>
/// <param name="Becomes">What the request becomes.</param>
/// <param name="Note">Why, in the operator's words.</param>
internal sealed record Verdict(CommandId Command, RequestStatus Becomes, string Note)
{
    internal UnknownMembers? Unknown { get; init; }
}
