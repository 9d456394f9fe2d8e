using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>
/// Sends events to addresses that owners chose. Each connection goes to an address that was checked when it was made, whatever the name
/// meant before; redirects are answers like any other; nothing of what a receiver answers is read.
/// </summary>
internal sealed class WebhookChannel : IEventChannel, IDisposable
{
    private const int MaxHeadersKilobytes = 16;
    private const int MaxDrainBytes = 64 * 1024;

    private readonly NotificationOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpClient _client;

    public WebhookChannel(IOptions<NotificationOptions> options, TimeProvider time)
        : this(options, time, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="options">Time-out, and whether local addresses are allowed.</param>
    /// <param name="time">The clock that signatures carry.</param>
    /// <param name="resolve">Finds the addresses of a name.</param>
    internal WebhookChannel(IOptions<NotificationOptions> options, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        (_options, _time, _resolve) = (options.Value, time, resolve);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = Connect,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
            MaxResponseDrainSize = MaxDrainBytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each request has its own.
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("DroneDelivery-Webhooks", "1.0"));
    }

    public int BatchSize => 1;

    public int Concurrency => _options.WebhookConcurrency;

    public async Task<SendResult> Send(SubscriptionState subscription, IReadOnlyList<DeliveryNotice> notices, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(subscription.Settings?.Url, UriKind.Absolute, out var url) || !IsAllowed(url)) return SendResult.Failed("The address is not an https address.");

        var notice = notices.Single();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.Timeout);
        try
        {
            using var request = Request(url, notice, subscription.SecretsAt(_time.GetUtcNow()));
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return HttpResults.Of(response, _time);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendResult.Failed($"No answer came within {_options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException failure)
        {
            return SendResult.Failed(failure.InnerException is RefusedAddressException refused ? refused.Message : $"The request failed: {failure.HttpRequestError}.");
        }
    }

    public void Dispose() => _client.Dispose();

    private bool IsAllowed(Uri url) => url.Scheme == Uri.UriSchemeHttps || (_options.AllowLocalWebhooks && url.Scheme == Uri.UriSchemeHttp);

    private HttpRequestMessage Request(Uri url, DeliveryNotice notice, IEnumerable<string> secrets)
    {
        var body = CloudEvent.Serialize(notice);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvent.MediaType, "utf-8");
        request.Headers.Add("webhook-id", notice.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(notice.Id, timestamp, body, secrets));
        return request;
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken);
        if (!_options.AllowLocalWebhooks && !Array.TrueForAll(addresses, PublicAddress.IsPublic))
            throw new RefusedAddressException("The address is not one of the public internet.");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An address that owners may not have us ask.</summary>
    private sealed class RefusedAddressException(string message) : IOException(message);
}
