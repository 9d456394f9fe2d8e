using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Drones with keys that operators give, change and take away.</summary>
public sealed class DroneKeyTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private readonly string _drone = $"drone_{Guid.NewGuid():N}";

    [Fact]
    public async Task Drone_with_a_key_registers_and_reports_as_itself_and_as_no_other()
    {
        var others = await fixture.Http.NewDrone();
        using var drone = gateway.ClientWith(await NewKey());

        Assert.Equal(HttpStatusCode.Created, (await drone.Call("PUT", $"/api/drones/{_drone}", Http.Drone())).Status);
        Assert.Equal(HttpStatusCode.OK, (await drone.Call("POST", $"/api/drones/{_drone}/telemetry", Http.Report())).Status);
        await drone.ExpectProblem(404, "not-found", "POST", $"/api/drones/{others}/telemetry", Http.Report());
        await drone.ExpectProblem(403, "forbidden", "GET", "/api/deliveries");
        await drone.ExpectProblem(403, "forbidden", "POST", $"/api/operations/drones/{_drone}/keys");
    }

    [Fact]
    public async Task New_key_leaves_the_one_before_good_and_ends_older_ones()
    {
        string[] keys = [await NewKey(), await NewKey(), await NewKey()];

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.NotFound], await Task.WhenAll(keys.Select(StatusWith)));
    }

    [Fact]
    public async Task Revoked_key_is_refused_by_every_gateway_that_does_not_know_it_yet()
    {
        var key = await NewKey();
        using (var olga = Operator()) Assert.Equal(HttpStatusCode.NoContent, (await olga.Call("DELETE", $"/api/operations/drones/{_drone}/keys")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(key));
        using var again = Operator();
        await again.ExpectProblem(404, "not-found", "DELETE", $"/api/operations/drones/{_drone}/keys");
    }

    [Fact]
    public async Task Revoked_key_is_refused_after_five_seconds_by_a_gateway_that_knew_it_good()
    {
        var clock = new ShiftedClock();
        var (host, http) = await fixture.OpenToTheWorld(gateway.Issuer, services: services => services.AddSingleton<TimeProvider>(clock));
        using (http)
        await using (host)
        {
            var key = await NewKey();
            Assert.Equal(HttpStatusCode.NotFound, await http.StatusWith(key, $"/api/drones/{_drone}"));
            using (var olga = Operator()) await olga.Call("DELETE", $"/api/operations/drones/{_drone}/keys");

            clock.Shift = TimeSpan.FromSeconds(5);

            Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusWith(key, $"/api/drones/{_drone}"));
        }
    }

    [Fact]
    public async Task Key_that_is_none_is_refused()
    {
        var key = await NewKey();
        foreach (var bad in new[] { "dk_", "dk__", $"dk_{_drone}", $"dk_{_drone}_", key[..^1], key + "0", key[..^1] + (key[^1] == '0' ? '1' : '0'), key.Replace(_drone, "another", StringComparison.Ordinal), $"dk_a b_{new string('0', 64)}" })
            Assert.Equal((bad, HttpStatusCode.Unauthorized), (bad, await StatusWith(bad)));
        using var http = gateway.ClientWith($"dk_{_drone}_{new string('0', 64)}");
        await http.ExpectProblem(401, "unauthenticated", "GET", $"/api/drones/{_drone}");
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }

    private HttpClient Operator() => gateway.ClientWith(gateway.Issuer.Token(["Operators"]));

    private async Task<string> NewKey()
    {
        using var olga = Operator();
        var (status, body, _) = await olga.Call("POST", $"/api/operations/drones/{_drone}/keys");
        Assert.Equal(HttpStatusCode.Created, status);
        var key = (string)body!["key"]!;
        Assert.DoesNotContain(fixture.World.DroneKeys[_drone], hash => key.Contains(hash, StringComparison.Ordinal));
        return key;
    }

    // The drone is not registered: whoever is let in finds nothing.
    private Task<HttpStatusCode> StatusWith(string key) => gateway.Http.StatusWith(key, $"/api/drones/{_drone}");
}
