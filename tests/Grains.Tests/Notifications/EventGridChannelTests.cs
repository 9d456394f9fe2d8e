using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>Event Grid as its HTTP API is documented, played by a local server.</summary>
public sealed class EventGridChannelTests
{
    private static readonly DeliveryNotice[] Notices =
    [
        new(NoticeKind.DeliveryHeadedToDropoff, "d1", "owner", DeliveryNotice.SequenceOf(3), DateTimeOffset.UnixEpoch, "Drone has the parcel."),
        new(NoticeKind.DeliveryCompleted, "d1", "owner", DeliveryNotice.SequenceOf(4), DateTimeOffset.UnixEpoch, "Delivered."),
    ];

    [Theory]
    [InlineData("deliveries", "key", "/topics/deliveries:publish?api-version=2024-06-01", "authorization", "SharedAccessKey key")]
    [InlineData("deliveries", "", "/topics/deliveries:publish?api-version=2024-06-01", "authorization", "Bearer the-token")]
    [InlineData("", "key", "/api/events?api-version=2018-01-01", "aeg-sas-key", "key")]
    [InlineData("", "", "/api/events?api-version=2018-01-01", "authorization", "Bearer the-token")]
    public async Task Batch_is_published_in_order_with_key_or_identity(string topic, string key, string path, string header, string value)
    {
        await using var grid = await Receiver.Start();
        Assert.Equal(SendResult.Done, await Send(grid, topic, key));

        var call = Assert.Single(grid.Calls);
        Assert.Equal(path, call.Path);
        Assert.Equal(value, call.Headers[header]);
        Assert.Equal("application/cloudevents-batch+json; charset=utf-8", call.Headers["content-type"]);
        Assert.Equal(Notices.Select(notice => notice.Id), JsonNode.Parse(call.Body)!.AsArray().Select(entry => (string)entry!["id"]!));
    }

    [Fact]
    public async Task Refusal_is_a_failure_that_is_tried_again_when_the_answer_says()
    {
        await using var grid = await Receiver.Start();
        grid.Answer = (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "3";
            return Task.CompletedTask;
        };
        Assert.Equal(new SendResult(false, "It answered 429.", RetryAfter: TimeSpan.FromSeconds(3)), await Send(grid, "deliveries", "key"));
    }

    [Theory]
    [InlineData("https://contoso.westeurope-1.eventgrid.azure.net", "deliveries", "", null)]
    [InlineData("https://contoso.westeurope-1.eventgrid.azure.net/", "", "key", null)]
    [InlineData(null, "", "", null)]
    [InlineData(null, "deliveries", "", "no Endpoint")]
    [InlineData("contoso", "", "", "set it to an address")]
    [InlineData("http://contoso.example.org", "", "", "https://")]
    [InlineData("https://contoso.example.org/topics/deliveries", "", "", "leave out the path")]
    public void Setting_is_right_or_says_how_to_mend_it(string? endpoint, string topic, string key, string? says)
    {
        var objection = new EventGridOptions { Endpoint = endpoint is null ? null : new Uri(endpoint, UriKind.RelativeOrAbsolute), Topic = topic, Key = key }.Objection;
        if (says is null) Assert.Null(objection);
        else Assert.Contains(says, objection, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_delivery_has_one_part_of_the_sink_and_parts_share_the_work()
    {
        var options = Options.Create(new NotificationOptions { EventGrid = new EventGridOptions { Endpoint = new Uri("https://contoso.example.org") } });
        using var webhooks = new WebhookChannel(options, TimeProvider.System);
        using var grid = new EventGridChannel(options, TimeProvider.System, []);
        var channels = new EventChannels(webhooks, grid, options);

        Assert.Equal(channels.SinksOf("d1"), channels.SinksOf("d1"));
        Assert.Equal(8, Enumerable.Range(0, 200).SelectMany(number => channels.SinksOf($"d{number}")).Distinct().Count());
        var (owner, id) = SubscriptionKey.Split(channels.SinksOf("d1").Single());
        Assert.Equal(("", grid), (owner, channels.Sink(id.Split('.')[0])));
        Assert.Null(channels.Sink("unknown"));
    }

    private static async Task<SendResult> Send(Receiver grid, string topic, string key)
    {
        var options = new NotificationOptions { EventGrid = new EventGridOptions { Endpoint = new Uri(grid.Url), Topic = topic, Key = key } };
        using var channel = new EventGridChannel(Options.Create(options), TimeProvider.System, [new Identity()]);
        return await channel.Send(new SubscriptionState(), Notices, TestContext.Current.CancellationToken);
    }

    private sealed class Identity : IEventGridIdentity
    {
        public ValueTask<string> GetToken(CancellationToken cancellationToken) => ValueTask.FromResult("the-token");
    }
}
