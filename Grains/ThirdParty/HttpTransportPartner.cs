using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace DroneDelivery.ThirdParty;

/// <summary>
/// A partner behind HTTP: <c>PUT|GET|DELETE orders/{deliveryId}/{attempt}</c>, all idempotent, as docs/partner-api.md says. The client repeats what did
/// not get through and stops calling for a while when nothing does.
/// </summary>
/// <param name="clients">Makes a client for each call, so that a partner that moves is found again.</param>
/// <param name="time">Clock, for reports without a time.</param>
internal sealed class HttpTransportPartner(IHttpClientFactory clients, TimeProvider time) : ITransportPartner
{
    /// <summary>Name of the client.</summary>
    public const string Client = "transport-partner";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public Task<PartnerReport> Book(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, async http =>
    {
        using var answer = await http.PutAsJsonAsync(Path(order), new OrderBody(
            order.Pickup, order.Dropoff, order.Weight, order.Size, order.PickupTime, order.Deadline), Json, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.Conflict) return new PartnerReport(order.DeliveryId, order.Attempt, PartnerStatus.Cancelled, time.GetUtcNow());
        return answer.StatusCode is HttpStatusCode.UnprocessableEntity
            ? new PartnerReport(order.DeliveryId, order.Attempt, PartnerStatus.Refused, time.GetUtcNow(), Reason: await Detail(answer, cancellationToken))
            : await Read(order, answer, cancellationToken);
    });

    public Task<PartnerReport?> Find(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, async http =>
    {
        using var answer = await http.GetAsync(Path(order), cancellationToken);
        return answer.StatusCode is HttpStatusCode.NotFound ? null : await Read(order, answer, cancellationToken);
    });

    public Task<PartnerReport> Cancel(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, async http =>
    {
        using var answer = await http.DeleteAsync(Path(order), cancellationToken);
        return answer.StatusCode is HttpStatusCode.NoContent
            ? new PartnerReport(order.DeliveryId, order.Attempt, PartnerStatus.Cancelled, time.GetUtcNow())
            : await Read(order, answer, cancellationToken);
    });

    private static Uri Path(PartnerOrder order) =>
        new(FormattableString.Invariant($"orders/{Uri.EscapeDataString(order.DeliveryId)}/{order.Attempt}"), UriKind.Relative);

    private async Task<T> Call<T>(PartnerOrder order, Func<HttpClient, Task<T>> call)
    {
        using var http = clients.CreateClient(Client);
        try
        {
            return await call(http);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or TaskCanceledException or JsonException or NotSupportedException)
        {
            throw new PartnerException($"The partner could not be asked about {order.DeliveryId}, attempt {order.Attempt}: {failure.Message}", failure);
        }
    }

    private async Task<PartnerReport> Read(PartnerOrder order, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        // Also a cancellation that came too late is answered with what stands.
        if (!answer.IsSuccessStatusCode && answer.StatusCode is not HttpStatusCode.Conflict)
            throw new HttpRequestException($"it answered {(int)answer.StatusCode}: {await Detail(answer, cancellationToken)}", null, answer.StatusCode);

        var body = await answer.Content.ReadFromJsonAsync<ReportBody>(Json, cancellationToken) ?? throw new JsonException("its answer is null");
        if (body.Position is { IsValid: false }) throw new JsonException("its position is none on earth");
        if (body.Status is PartnerStatus.Accepted or PartnerStatus.HeadedToPickup && body.DeliveryEta is null)
            throw new JsonException("it accepted without a deliveryEta");
        return new PartnerReport(
            order.DeliveryId, order.Attempt, body.Status, body.Time ?? time.GetUtcNow(), body.PickupEta, body.DeliveryEta,
            body.Position, body.Reason);
    }

    private static async Task<string?> Detail(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        const int mostShown = 300;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize<ProblemBody>(text, Json) is { } problem) return problem.Detail ?? problem.Title ?? problem.Reason;
        }
        catch (JsonException)
        {
            // Not a problem in JSON: shown as it is.
        }

        return text.Length <= mostShown ? text : text[..mostShown];
    }

    private sealed record OrderBody(
        Place Pickup, Place Dropoff, double Weight, PackageSize Size, DateTimeOffset PickupTime, DateTimeOffset? Deadline);

    private sealed record ReportBody(
        [property: JsonRequired] PartnerStatus Status, DateTimeOffset? Time, DateTimeOffset? PickupEta, DateTimeOffset? DeliveryEta, GeoPoint? Position, string? Reason);

    private sealed record ProblemBody(string? Title, string? Detail, string? Reason);
}
