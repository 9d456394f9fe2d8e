using System.Net;
using System.Net.ServerSentEvents;

namespace DroneDelivery.Gateway.Tests;

/// <summary>
/// Follows a stream as the EventSource of a browser does: after every end of a stream it comes back with the id of the last event, and it stops at any
/// answer but a stream. Only it does not wait in between.
/// </summary>
internal sealed class EventSource
{
    private const int MostConnections = 5;

    /// <summary>What was answered to each connection.</summary>
    public List<HttpStatusCode> Answers { get; } = [];

    /// <summary>All events heard.</summary>
    public List<SseItem<string>> Heard { get; } = [];

    /// <summary>Content codings that answers named.</summary>
    public List<string> Codings { get; } = [];

    /// <summary>Follows until it is told to stop, or has come back too often.</summary>
    /// <param name="http">The client.</param>
    /// <param name="path">The stream.</param>
    /// <param name="heard">Called with each event.</param>
    public static async Task<EventSource> Follow(HttpClient http, string path, Action? heard = null)
    {
        var source = new EventSource();
        var lastEventId = "";
        while (source.Answers.Count < MostConnections)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new("text/event-stream") } } };
            if (lastEventId.Length > 0) request.Headers.Add("Last-Event-ID", lastEventId);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            source.Answers.Add(response.StatusCode);
            source.Codings.AddRange(response.Content.Headers.ContentEncoding);
            if (response.StatusCode != HttpStatusCode.OK) break;

            var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            await foreach (var item in parser.EnumerateAsync(TestContext.Current.CancellationToken))
            {
                source.Heard.Add(item);
                heard?.Invoke();
            }

            lastEventId = parser.LastEventId;
        }

        return source;
    }
}
