using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>The gateway as ground stations see it. Whatever goes wrong is a <see cref="GatewayException"/>.</summary>
/// <param name="http">Its base address is the gateway's.</param>
internal sealed class GatewayClient(HttpClient http)
{
    /// <summary>Reports that go in one request.</summary>
    public const int MaxBatch = 100;

    private static readonly MediaTypeHeaderValue NdjsonType = new(Ndjson.MediaType);

    /// <summary>An HTTP client that gives up early: what a drone has to say is out of date soon.</summary>
    /// <param name="gateway">The address.</param>
    /// <param name="tokens">Where the token comes from; null: it sends none.</param>
    public static HttpClient CreateHttpClient(Uri gateway, IAccessTokens? tokens = null)
    {
        var connections = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            UseProxy = !gateway.IsLoopback,
        };
        return new(tokens is null ? connections : new BearerHandler(tokens) { InnerHandler = connections })
        {
            BaseAddress = gateway.AbsoluteUri.EndsWith('/') ? gateway : new Uri(gateway.AbsoluteUri + "/"),
            Timeout = TimeSpan.FromSeconds(5),
        };
    }

    /// <summary>Registers a drone; true when the gateway did not know it.</summary>
    public async Task<bool> RegisterAsync(string droneId, Registration registration, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(registration, WireJson.Default.Registration);
        using var response = await SendAsync(HttpMethod.Put, DronePath(droneId), content, cancellationToken);
        await ThrowIfFailedAsync(response, cancellationToken);
        return response.StatusCode == HttpStatusCode.Created;
    }

    /// <summary>Where the backend last saw a drone; null when it is not registered.</summary>
    public async Task<DroneSighting?> FindAsync(string droneId, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, DronePath(droneId), null, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;

        await ThrowIfFailedAsync(response, cancellationToken);
        return await ReadAsync(response, body => JsonSerializer.Deserialize(body, WireJson.Default.DroneSighting), cancellationToken);
    }

    /// <summary>Reports, at most <see cref="MaxBatch"/>; answers name the line they are about and may be missing.</summary>
    public async Task<IReadOnlyList<TelemetryAnswer>> ReportAsync(
        IReadOnlyList<TelemetryReport> reports, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(Ndjson.Write(reports, WireJson.Default.TelemetryReport));
        content.Headers.ContentType = NdjsonType;
        using var response = await SendAsync(HttpMethod.Post, "api/drones/telemetry", content, cancellationToken);
        await ThrowIfFailedAsync(response, cancellationToken);
        return await ReadAsync(response, body => Ndjson.Read(body, WireJson.Default.TelemetryAnswer), cancellationToken) ?? [];
    }

    /// <summary>Asks whether a drone may take the parcel now; false means not yet.</summary>
    public async Task<bool> AskForParcelAsync(string droneId, PickupQuestion question, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(question, WireJson.Default.PickupQuestion);
        using var response = await SendAsync(HttpMethod.Post, $"{DronePath(droneId)}/pickup", content, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound) return false;

        await ThrowIfFailedAsync(response, cancellationToken);
        return true;
    }

    private static string DronePath(string droneId) => $"api/drones/{Uri.EscapeDataString(droneId)}";

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new GatewayException(failure.InnerException is SocketException socket ? socket.Message : failure.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GatewayException($"no answer within {http.Timeout.TotalSeconds:0} s", HttpStatusCode.RequestTimeout);
        }
    }

    private static async Task ThrowIfFailedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;

        Problem? problem = null;
        try
        {
            problem = await response.Content.ReadFromJsonAsync(WireJson.Default.Problem, cancellationToken);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or HttpRequestException or IOException)
        {
            // Not every error comes with problem details; the status says enough.
        }

        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}";
        throw new GatewayException(problem is null ? status : $"{status}: {problem}", response.StatusCode);
    }

    private static async Task<T?> ReadAsync<T>(
        HttpResponseMessage response, Func<byte[], T?> read, CancellationToken cancellationToken)
    {
        try
        {
            return read(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (JsonException failure)
        {
            throw new GatewayException($"an answer that cannot be read ({failure.Message})", HttpStatusCode.BadGateway);
        }
        catch (HttpRequestException failure)
        {
            throw new GatewayException(failure.Message);
        }
    }
}
