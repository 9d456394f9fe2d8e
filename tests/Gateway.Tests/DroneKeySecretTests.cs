using System.Net;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Startup;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Gateway.Tests;

/// <summary>The secrets of which MACs of drone keys are made: how they are read, change, and end keys of releases without them.</summary>
public sealed class DroneKeySecretTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private static readonly string Old = Secret(1);
    private static readonly string New = Secret(2);

    private readonly string _drone = $"drone-{Guid.NewGuid():N}";

    [Fact]
    public async Task Key_is_refused_where_its_secret_is_not_known_and_accepted_where_it_is()
    {
        var key = await KeyMadeWith(("DroneKeys:Secret", Old));

        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(key, ("DroneKeys:Secret", New), ("DroneKeys:KnownSecrets:0", Old)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(key, ("DroneKeys:Secret", ""), ("DroneKeys:KnownSecrets:0", Old)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(key, ("DroneKeys:Secret", New)));
    }

    [Fact]
    public async Task Key_without_a_mac_is_accepted_until_the_setting_ends_it()
    {
        var key = await KeyMadeWith(("DroneKeys:Secret", ""), ("DroneKeys:KnownSecrets:0", Old));

        Assert.Equal(64, key.Length - key.LastIndexOf('_') - 1);
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(key, ("DroneKeys:Secret", Old)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(key, ("DroneKeys:Secret", Old), ("DroneKeys:AcceptsKeysWithoutMac", "false")));
    }

    [Fact]
    public void Mac_belongs_to_one_drone_and_one_key()
    {
        var secrets = Read("Kubernetes", ("DroneKeys:Secret", Old));
        var (key, text) = DroneKey.New("drone", secrets);

        Assert.True(DroneKey.TryRead(text, out var read));
        Assert.Equal(key, read);
        Assert.True(secrets.Accepts(read));
        Assert.False(secrets.Accepts(read with { DroneId = "another" }));
        Assert.False(secrets.Accepts(read with { Hash = DroneKey.New("drone", secrets).Key.Hash }));
        Assert.False(secrets.Accepts(read with { Mac = new string('0', DroneKey.MacLength) }));
        Assert.False(DroneKey.TryRead(text[..^1] + "x", out _));
    }

    [Fact]
    public void Local_mode_needs_no_secret() => Assert.Null(DroneKey.New("drone", Read("Local")).Key.Mac);

    [Theory]
    [InlineData("DroneKeys:Secret", "", "DroneKeys:Secret is missing")]
    [InlineData("DroneKeys:Secret", "c2hvcnQ=", "DroneKeys:Secret is not a key")]
    [InlineData("DroneKeys:KnownSecrets:0", "short", "DroneKeys:KnownSecrets:0 is not a key")]
    [InlineData("DroneKeys:AcceptsKeysWithoutMac", "perhaps", "DroneKeys:AcceptsKeysWithoutMac is 'perhaps'")]
    public void Malformed_setting_is_refused_at_the_start(string setting, string value, string says)
    {
        (string, string)[] settings = setting == "DroneKeys:Secret" ? [(setting, value)] : [("DroneKeys:Secret", Old), (setting, value)];

        var refusal = Assert.Throws<StartupException>(() => Read("Kubernetes", settings));

        Assert.StartsWith(says, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    private static string Secret(byte value) => Convert.ToBase64String([.. Enumerable.Repeat(value, 32)]);

    private static DroneKeySecrets Read(string mode, params (string Name, string Value)[] settings) => DroneKeySecrets.Read(new ConfigurationBuilder()
        .AddInMemoryCollection([new("Hosting:Mode", mode), .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]).Build());

    private async Task<string> KeyMadeWith(params (string Name, string Value)[] settings)
    {
        var (host, http) = await Open(settings);
        using (http)
        await using (host)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Issuer.Token(["Operators"]));
            return (string)(await http.Call("POST", $"/api/operations/drones/{_drone}/keys")).Body!["key"]!;
        }
    }

    // The drone is not registered: a caller that is let in finds nothing.
    private async Task<HttpStatusCode> StatusWith(string key, params (string Name, string Value)[] settings)
    {
        var (host, http) = await Open(settings);
        using (http)
        await using (host) return await http.StatusWith(key, $"/api/drones/{_drone}");
    }

    private Task<(GatewayHost Host, HttpClient Http)> Open((string Name, string Value)[] settings) =>
        fixture.OpenToTheWorld(gateway.Issuer, settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
