using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>Webhooks against real HTTP receivers, and addresses that must not be asked.</summary>
public sealed class WebhookChannelTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly DeliveryNotice Notice = new(NoticeKind.DeliveryCompleted, "d1", "owner", DeliveryNotice.SequenceOf(4), DateTimeOffset.UnixEpoch, "Delivered.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_arrives_signed_as_standard_webhooks_say_with_every_valid_secret()
    {
        await using var receiver = await Receiver.Start();
        var old = "whsec_" + Convert.ToBase64String(new byte[24]);
        var subscription = To(receiver.Url) with { Secrets = [new SigningSecret(old, DateTimeOffset.UtcNow.AddMinutes(1)), new SigningSecret(Secret, null)] };

        Assert.Equal(SendResult.Done, await Send(subscription));

        var call = Assert.Single(receiver.Calls);
        Assert.Equal("application/cloudevents+json; charset=utf-8", call.Headers["content-type"]);
        Assert.Equal(Notice.Id, call.Headers["webhook-id"]);
        var timestamp = long.Parse(call.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - timestamp, 0, 60);
        var signed = Encoding.UTF8.GetBytes($"{Notice.Id}.{timestamp}.{Encoding.UTF8.GetString(call.Body)}");
        string[] expected = [.. new[] { old, Secret }.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[6..]), signed)))];
        Assert.Equal(expected, call.Headers["webhook-signature"].Split(' '));
        Assert.Equal("DroneDelivery.DeliveryCompleted", (string?)JsonNode.Parse(call.Body)!["type"]);
        Assert.DoesNotContain("traceparent", call.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The example of the specification's reference libraries.</summary>
    [Fact]
    public void Signature_is_that_of_the_published_example() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8, [Secret]));

    [Theory]
    [InlineData(500, "It answered 500.", false)]
    [InlineData(410, "It answered 410.", true)]
    public async Task Answer_other_than_success_is_a_failure(int status, string reason, bool gone)
    {
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        };

        Assert.Equal(new SendResult(false, reason, gone, TimeSpan.FromSeconds(7)), await Send(To(receiver.Url)));
    }

    [Fact]
    public async Task Redirect_to_a_private_address_is_not_followed()
    {
        await using var inside = await Receiver.Start();
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = inside.Url;
            return Task.CompletedTask;
        };

        Assert.Equal(SendResult.Failed("It answered 307; redirects are not followed."), await Send(To(receiver.Url)));
        Assert.Empty(inside.Calls);
    }

    [Fact]
    public async Task Receiver_that_does_not_answer_is_given_up_after_the_timeout()
    {
        await using var receiver = await Receiver.Start();
        receiver.Answer = async (_, context) => await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(SendResult.Failed("No answer came within 0.3 s."), await Send(To(receiver.Url), options => options.Timeout = TimeSpan.FromSeconds(0.3)));
    }

    [Fact]
    public async Task Answer_without_end_is_not_read()
    {
        await using var receiver = await Receiver.Start();
        receiver.Answer = async (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            var chunk = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        };

        Assert.Equal(SendResult.Done, await Send(To(receiver.Url)).WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Receiver_that_is_not_there_is_a_failure()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        Assert.Equal(SendResult.Failed("The request failed: ConnectionError."), await Send(To($"http://127.0.0.1:{port}")));
    }

    [Theory]
    [InlineData("https://127.0.0.1:PORT/")]
    [InlineData("https://localhost:PORT/")]
    [InlineData("https://[::1]:PORT/")]
    [InlineData("https://[::ffff:127.0.0.1]:PORT/")]
    [InlineData("https://2130706433:PORT/")]
    [InlineData("https://0x7f.1:PORT/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://169.254.169.254/metadata/instance")]
    [InlineData("https://168.63.129.16/")]
    public async Task Address_that_is_not_public_is_not_asked(string url)
    {
        await using var receiver = await Receiver.Start();
        url = url.Replace("PORT", new Uri(receiver.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

        Assert.Equal(SendResult.Failed("The address is not one of the public internet."), await Send(To(url), options => options.AllowLocalWebhooks = false));
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task Name_that_resolves_to_a_private_address_is_not_asked_though_it_was_public_before()
    {
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse("203.0.113.9")], [IPAddress.Parse("93.184.215.14"), IPAddress.Parse("10.1.2.3")], [IPAddress.Parse("192.168.0.7")]]);
        using var channel = Channel(options => options.AllowLocalWebhooks = false, (host, _) =>
        {
            Assert.Equal("hooks.example.org", host);
            return Task.FromResult(answers.Dequeue());
        });

        while (answers.Count > 0)
            Assert.Equal("The address is not one of the public internet.", (await channel.Send(To("https://hooks.example.org/"), [Notice], Token)).Reason);
    }

    [Fact]
    public async Task Plain_http_is_refused_outside_local_mode() => Assert.Equal(
        SendResult.Failed("The address is not an https address."), await Send(To("http://example.org/"), options => options.AllowLocalWebhooks = false));

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true)]
    [InlineData("64:ff9b::5db8:d70e", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.1.2.3", false)]
    [InlineData("169.254.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Public_addresses_are_told_from_others(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(address)));

    private static SubscriptionState To(string url) => new() { Settings = new WebhookSettings(url, [], null), Secrets = [new SigningSecret(Secret, null)] };

    private static WebhookChannel Channel(Action<NotificationOptions>? change = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new NotificationOptions { AllowLocalWebhooks = true };
        change?.Invoke(options);
        return new WebhookChannel(Options.Create(options), TimeProvider.System, resolve ?? Dns.GetHostAddressesAsync);
    }

    private static async Task<SendResult> Send(SubscriptionState subscription, Action<NotificationOptions>? change = null)
    {
        using var channel = Channel(change);
        return await channel.Send(subscription, [Notice], Token);
    }
}
