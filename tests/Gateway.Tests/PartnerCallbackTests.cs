using System.Net;
using System.Security.Cryptography;
using System.Text;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Callbacks of transport partners: signed ones are taken in, forged ones are not.</summary>
public class PartnerCallbackTests(GatewayFixture gateway)
{
    private const string Secret = "the secret that acme and we share";
    private const string Older = "the secret that was before that one";
    private const string Path = "/api/partners/acme/reports";

    /// <summary>What the gateway is told of them.</summary>
    public static Dictionary<string, string> Settings => new()
    {
        ["ThirdParty:CallbackSecrets:acme:0"] = Secret,
        ["ThirdParty:CallbackSecrets:acme:1"] = Older,
        ["ThirdParty:CallbackSecrets:other:0"] = "the secret that the others have got",
    };

    [Theory]
    [InlineData(Secret)]
    [InlineData(Older)]
    public async Task Signed_report_is_taken_in_also_twice(string secret)
    {
        var body = Body($"partnered-{secret.Length}");
        Assert.Equal(HttpStatusCode.NoContent, await Send(body, Sign(body, secret)));
        Assert.Equal(HttpStatusCode.NoContent, await Send(body, Sign(body, secret)));
        var report = gateway.World.PartnerReports[$"acme/partnered-{secret.Length}/3"];
        Assert.Equal((PartnerStatus.PickedUp, new GeoPoint(47.6, -122.1), "on time"), (report.Status, report.Position, report.Reason));
    }

    [Fact]
    public async Task Forged_reports_are_refused_and_change_nothing()
    {
        var body = Body("partnered-forged");
        string?[] forged =
        [
            null,
            "",
            "t=1,v1=00",
            Sign(body, "the secret that acme and we shar3"),
            Sign(body, "the secret that the others have got"),
            Sign(Body("partnered-other"), Secret),
            Sign(body, Secret, DateTimeOffset.UtcNow.AddMinutes(-6)),
            Sign(body, Secret, DateTimeOffset.UtcNow.AddMinutes(6)),
            Sign(body, Secret).Replace("v1=", "v0=", StringComparison.Ordinal),
            Sign(body, Secret) + "0",
            Sign(body, Secret).Replace("t=", "t=1", StringComparison.Ordinal),
        ];
        foreach (var signature in forged) Assert.Equal(HttpStatusCode.Unauthorized, await Send(body, signature));
        Assert.DoesNotContain(gateway.World.PartnerReports.Keys, key => key.Contains("partnered-forged", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, await Send(body, Sign(body, Secret), "/api/partners/nobody/reports"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Send(body, Sign(body, Secret), "/api/partners/other/reports"));
    }

    [Theory]
    [InlineData("""{"deliveryId":"partnered","attempt":1,"status":"somewhere","time":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"deliveryId":"partnered","attempt":1,"status":"accepted","time":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"deliveryId":"partnered","attempt":-1,"status":"pickedUp","time":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"deliveryId":"partnered","attempt":1,"status":"pickedUp"}""")]
    [InlineData("not json")]
    public async Task Signed_nonsense_is_named(string body) => Assert.Equal(HttpStatusCode.BadRequest, await Send(body, Sign(body, Secret)));

    [Fact]
    public async Task Order_that_nobody_gave_is_not_found()
    {
        var body = Body("unheard-of");
        Assert.Equal(HttpStatusCode.NotFound, await Send(body, Sign(body, Secret)));
    }

    [Fact]
    public async Task Endless_body_is_cut_off()
    {
        var body = new string(' ', 70_000);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await Send(body, Sign(body, Secret)));
    }

    private static string Body(string deliveryId) =>
        $$"""{"deliveryId":"{{deliveryId}}","attempt":3,"status":"pickedUp","time":"2026-11-22T12:00:00Z","position":{"latitude":47.6,"longitude":-122.1},"reason":"on time"}""";

    internal static string Sign(string body, string secret, DateTimeOffset? at = null)
    {
        var seconds = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }

    private async Task<HttpStatusCode> Send(string body, string? signature, string path = Path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature is not null) request.Headers.TryAddWithoutValidation("X-Partner-Signature", signature);
        using var answer = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
