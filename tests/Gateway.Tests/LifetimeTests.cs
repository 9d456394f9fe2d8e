using System.Net;
using System.Net.Sockets;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Startup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Messaging;

namespace DroneDelivery.Gateway.Tests;

public class LifetimeTests(GatewayFixture gateway)
{
    [Fact]
    public async Task Gateway_without_silos_answers_and_joins_when_they_come()
    {
        var late = new LateSilos(gateway.Cluster.Client.ServiceProvider.GetRequiredService<IGatewayListProvider>());
        var port = FreePort();
        var opening = Task.Run(() => gateway.Open(services: services => services.AddSingleton<IGatewayListProvider>(late), port: port));
        using var early = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        await Eventually.Holds(async () => !await IsRefused(early), "the port is open");
        Assert.Equal(HttpStatusCode.OK, (await early.Call("GET", "/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await early.Call("GET", "/api/probe")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await early.Call("GET", "/health/ready")).Status);
        await early.ExpectProblem(503, "unavailable", "GET", "/api/deliveries/x");
        await early.ExpectProblem(503, "unavailable", "POST", "/api/drones/telemetry", Http.Report("d"), "application/x-ndjson");
        late.Open = true;

        var (host, http) = await opening;
        await using var _ = host;
        await http.ExpectProblem(404, "not-found", "GET", "/api/deliveries/x");
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Stopping_gateway_turns_unready_and_closes_connections_before_it_stops()
    {
        var (host, http) = await gateway.Open(new() { ["Drain:Grace"] = "00:00:02" });
        await using var _ = host;
        var token = TestContext.Current.CancellationToken;
        Assert.False((await http.GetAsync("/api/probe", token)).Headers.ConnectionClose ?? false);

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Eventually.Holds(async () => (await http.GetAsync("/api/probe")).Headers.ConnectionClose == true, "answers close their connection");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health/ready", token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/probe", token)).StatusCode);
        await Eventually.Holds(async () => await IsRefused(http), "the port is closed");
    }

    [Theory]
    [InlineData("urls", "http://0.0.0.0:8080")]
    [InlineData("urls", "http://127.0.0.1:8080;http://*:8081")]
    [InlineData("urls", "http://[::]:8080")]
    [InlineData("urls", "http://example.com:8080")]
    [InlineData("Kestrel:Endpoints:Public:Url", "http://+:80")]
    public async Task Address_that_others_could_reach_is_refused(string key, string value)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => Check(key, value));

        Assert.Contains("loopback", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_that_others_could_reach_is_refused_whoever_has_the_ports_of_the_rest()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var refusal = await Assert.ThrowsAsync<StartupException>(() => Check("urls", $"http://127.0.0.1:{taken};http://*:{taken}"));

        Assert.Contains("loopback", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_that_cannot_be_read_is_refused() => await Assert.ThrowsAsync<StartupException>(() => Check("urls", "8080"));

    [Fact]
    public async Task Port_in_use_is_refused_before_anything_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var refusal = await Assert.ThrowsAsync<StartupException>(() => Check("urls", $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}"));

        Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://localhost:0;http://[::1]:0")]
    public async Task Loopback_address_is_taken(string urls) => await Check("urls", urls);

    private static Task Check(string key, string value) =>
        new ListeningAddresses(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build()).RunAsync(TestContext.Current.CancellationToken);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task<bool> IsRefused(HttpClient http)
    {
        try
        {
            await http.GetAsync("/api/probe");
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private sealed class LateSilos(IGatewayListProvider silos) : IGatewayListProvider
    {
        public volatile bool Open;

        public TimeSpan MaxStaleness => silos.MaxStaleness;

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public async Task<IList<Uri>> GetGateways() => Open ? await silos.GetGateways() : [];
    }
}
