using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>
/// Publishes batches of CloudEvents to Azure Event Grid: to a topic of a namespace (API version 2024-06-01), or to a custom topic
/// (2018-01-01) when no topic is named.
/// </summary>
internal sealed class EventGridChannel : IEventChannel, IDisposable
{
    /// <summary>Name of the sink.</summary>
    public const string Name = "eventgrid";

    private readonly EventGridOptions _options;
    private readonly TimeSpan _timeout;
    private readonly IEventGridIdentity? _identity;
    private readonly TimeProvider _time;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan, // Each request has its own.
    };

    /// <param name="options">Where and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="identities">The identity of the process, when it has one; used without a key.</param>
    public EventGridChannel(IOptions<NotificationOptions> options, TimeProvider time, IEnumerable<IEventGridIdentity> identities) =>
        (_options, _timeout, _time, _identity) = (options.Value.EventGrid, options.Value.Timeout, time, identities.FirstOrDefault());

    /// <summary>A batch stays well below the megabyte that Event Grid takes.</summary>
    public int BatchSize => 50;

    public int Concurrency => 1;

    public async Task<SendResult> Send(SubscriptionState subscription, IReadOnlyList<DeliveryNotice> notices, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.PublishAddress) { Content = new ByteArrayContent(CloudEvent.SerializeBatch(notices)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvent.BatchMediaType, "utf-8");
            await Authorize(request, timeout.Token);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);

            // A topic that is gone may be made again, and an operator resumes nothing that mends itself.
            return HttpResults.Of(response, _time) with { Gone = false };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendResult.Failed($"No answer came within {_timeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException failure)
        {
            return SendResult.Failed($"The request failed: {failure.HttpRequestError}.");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task Authorize(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_options.Key.Length == 0 && _identity is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _identity.GetToken(cancellationToken));
        else if (_options.Topic.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("SharedAccessKey", _options.Key);
        else
            request.Headers.Add("aeg-sas-key", _options.Key);
    }
}

/// <summary>The identity with which the process publishes to Event Grid; the host provides it.</summary>
public interface IEventGridIdentity
{
    /// <summary>A token for Event Grid.</summary>
    ValueTask<string> GetToken(CancellationToken cancellationToken);
}
