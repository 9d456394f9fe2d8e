using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Security;
using DroneDelivery.ThirdParty;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>What transport partners call back.</summary>
internal static class PartnersApi
{
    private const int MaxReasonLength = 500;
    private const int MaxBodyLength = 64 * 1024;

    public static void MapPartners(this IEndpointRouteBuilder api) =>
        api.MapGroup("/partners").WithTags("Partners").AllowAnonymous() // The signature says who calls.
            .MapPost("/{partnerId}/reports", Report)
            .Accepts<PartnerReportBody>("application/json")
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .WithMetadata(new TakesBytesAsSent(), new OfPartners())
            .ProducesNotFound()
            .WithSummary("Takes in where an order stands; signed by the partner.");

    public static async Task<Results<NoContent, NotFound, UnauthorizedHttpResult, StatusCodeHttpResult, ValidationProblem>> Report(
        string partnerId, HttpRequest request, PartnerSignature signature, IGrainFactory grains)
    {
        if (!signature.IsPlausible(partnerId, request.Headers[PartnerSignature.Header])) return TypedResults.Unauthorized();

        // The signature is over the bytes as sent.
        using var buffer = new MemoryStream();
        var chunk = new byte[8 * 1024];
        try
        {
            while (await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted) is var read and > 0)
            {
                if (buffer.Length + read > MaxBodyLength) return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
                buffer.Write(chunk, 0, read);
            }
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw RequestBody.Unreadable(exception);
        }

        var body = buffer.ToArray();
        if (!signature.IsValid(partnerId, request.Headers[PartnerSignature.Header], body)) return TypedResults.Unauthorized();
        if (!JsonBody.Parse(body).TryRead(Read, out var report, out ValidationProblem? problem)) return problem;

        var result = await grains.GetGrain<ITransportPartnerGrain>(partnerId).Notice(report);
        return result.Outcome == CommandOutcome.NotFound ? TypedResults.NotFound() : TypedResults.NoContent();
    }

    private static PartnerReport Read(JsonFields body)
    {
        var status = body.RequiredChoice<PartnerStatus>("status");
        var eta = body.Time("deliveryEta");
        if (status is PartnerStatus.Accepted or PartnerStatus.HeadedToPickup && eta is null && !body.Has("deliveryEta")) body.Missing("deliveryEta");
        return new PartnerReport(
            body.RequiredId("deliveryId"),
            (int)body.RequiredWhole("attempt", 0, int.MaxValue),
            status,
            body.RequiredTime("time"),
            body.Time("pickupEta"),
            eta,
            body.Point("position"),
            body.Text("reason", MaxReasonLength));
    }
}

/// <summary>Where an order stands with a partner.</summary>
/// <param name="DeliveryId">Delivery of the order.</param>
/// <param name="Attempt">Attempt of the order.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Time">When, by the partner's clock.</param>
/// <param name="PickupEta">Expected pickup.</param>
/// <param name="DeliveryEta">Expected handover; required with an acceptance.</param>
/// <param name="Position">Where the parcel or its carrier is.</param>
/// <param name="Reason">Why it was refused or failed.</param>
internal sealed record PartnerReportBody(
    string DeliveryId, int Attempt, PartnerStatus Status, DateTimeOffset Time, DateTimeOffset? PickupEta, DateTimeOffset? DeliveryEta, GeoPoint? Position, string? Reason);
