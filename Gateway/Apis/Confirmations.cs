using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>The receiver's confirmation, handed in by the sender's side or by the drone that took it.</summary>
internal static class Confirmations
{
    /// <summary>Largest body with a confirmation, bytes: its blob, and what stands around it.</summary>
    public const long MaxBodyLength = 2 * 1024 * 1024;

    private static readonly string TooLargeReason =
        $"A confirmation may have {DeliveryConfirmation.MaxBytes} bytes ({DeliveryConfirmation.MaxBlobLength} characters in base64); scale the picture down or shorten the recording.";

    /// <summary>Lets a route take a confirmation.</summary>
    public static RouteHandlerBuilder AcceptsConfirmation(this RouteHandlerBuilder route) =>
        route.AcceptsJson<ConfirmationBody>().AcceptsIdempotencyKey().ProducesNotFound().AcceptsUpTo(MaxBodyLength, TooLargeReason).RequireRateLimiting(RateLimits.LargeBodies);

    /// <summary>Takes a confirmation from the drone that carries the delivery; clients of the earlier services do not come here, so a picture must be one.</summary>
    public static async Task<Results<NoContent, NotFound, ConflictProblem, UnprocessableProblem, TooLargeProblem, ValidationProblem>> HandIn(
        string id, string deliveryId, JsonBody body, IdempotencyKey? key, IGrainFactory grains, TimeProvider time)
    {
        if (!body.TryRead(fields => Read(fields, isStrict: true), out var confirmation, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        if (TooLarge(confirmation) is { } tooLarge) return tooLarge;
        if (await grains.GetGrain<IDeliveryGrain>(deliveryId).Get(CallerAccount.Any) is not { } delivery || delivery.DroneId != id) return TypedResults.NotFound();

        var command = key?.CommandOn("confirm", deliveryId, body) ?? CommandId.New();
        var result = await grains.GetGrain<IDeliveryRequestGrain>(deliveryId).Confirm(command, Timed(confirmation, time), CallerAccount.Any);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Exists => IdempotencyKey.Reused(),
            CommandOutcome.Done or CommandOutcome.Created => TypedResults.NoContent(),
            _ => new ConflictProblem(result.Reason),
        };
    }

    /// <summary>Reads a confirmation; a blob that is too long is for <see cref="TooLarge"/>.</summary>
    public static DeliveryConfirmation Read(JsonFields body, bool isStrict)
    {
        var type = body.RequiredChoice<ConfirmationRequired>("confirmationType");
        var blob = body.Text("confirmationBlob", (int)MaxBodyLength);
        if (blob is { Length: > 0 } and { Length: <= DeliveryConfirmation.MaxBlobLength })
        {
            var content = ConfirmationContent.Of(blob);
            if ((isStrict ? content.StrictObjection(type) : content.Objection(type)) is { } objection) body.Fault("confirmationBlob", objection);
            else if (blob.Length > DeliveryConfirmation.MaxTextLength && !ConfirmationContent.IsEncoded(blob))
                body.Fault("confirmationBlob", $"must be base64, or text of at most {DeliveryConfirmation.MaxTextLength} characters");
        }

        return new(type, body.Object("dateTime")?.Time("dateTimeValue") ?? default, body.Point("geoCoordinates"), blob);
    }

    /// <summary>The refusal of a blob that no store takes in one document, if it is one.</summary>
    public static TooLargeProblem? TooLarge(DeliveryConfirmation confirmation) => confirmation.Blob?.Length > DeliveryConfirmation.MaxBlobLength
        ? new(TooLargeReason)
        : null;

    /// <summary>The confirmation, given now when it does not say when.</summary>
    public static DeliveryConfirmation Timed(DeliveryConfirmation confirmation, TimeProvider time) =>
        confirmation.Time == default ? confirmation with { Time = time.GetUtcNow() } : confirmation;
}
