using System.Globalization;
using System.Net;
using DroneDelivery.Processes;
using DroneDelivery.Tls;

namespace DroneDelivery.Kubernetes;

/// <summary>A real gateway process in Kubernetes mode: no token of the cluster, no loopback, callers with tokens, probes apart.</summary>
[Collection(nameof(Processes))]
public sealed class GatewayInPodTests : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private readonly int _healthPort = Ports.Free(1)[0];
    private TokenIssuer _issuer = null!;
    private GatewayProcess _gateway = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        _gateway = new GatewayProcess(_data.Store);
        _gateway.Environment["ASPNETCORE_URLS"] = $"http://*:{_gateway.Address.Port}";
        _gateway.Environment["Hosting__Mode"] = "Kubernetes";
        _gateway.UseTls(TestAuthority.Shared.GatewayFolder);
        _gateway.Environment["Idempotency__Key"] = Convert.ToBase64String(new byte[32]);
        _gateway.Environment["DroneKeys__Secret"] = Convert.ToBase64String(new byte[32]);
        _gateway.Environment["Hosting__HealthPort"] = _healthPort.ToString(CultureInfo.InvariantCulture);
        _gateway.Environment["KUBECONFIG"] = _gateway.Environment["KUBERNETES_SERVICE_HOST"] = "";
        foreach (var (name, value) in _issuer.Settings) _gateway.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Gateway_that_comes_before_the_silos_is_alive_but_unready_until_one_is_there()
    {
        _gateway.Start();
        await Eventually.HoldsAsync("the gateway answers", async () => await StatusAsync(_healthPort, "/health/startup") == HttpStatusCode.OK, ServiceProcess.ReadyDeadline, Cancellation);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_healthPort, "/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_healthPort, "/health/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_gateway.Address.Port, "/api/deliveries/x"));

        await using var silo = new SiloProcess(_data.Store);
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Start();

        await Eventually.HoldsAsync("the gateway is ready", async () => await StatusAsync(_healthPort, "/health/ready") == HttpStatusCode.OK, ServiceProcess.ReadyDeadline, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_gateway.Address.Port, "/api/deliveries/x"));
    }

    [Fact]
    public async Task Each_port_serves_its_own_routes_only_whatever_the_host_header_says()
    {
        _gateway.Start();
        await Eventually.HoldsAsync("the gateway answers", async () => await StatusAsync(_healthPort, "/health/live") == HttpStatusCode.OK, ServiceProcess.ReadyDeadline, Cancellation);
        var port = _gateway.Address.Port;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(port, "/api/probe", host: "deliveries.example.com"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_healthPort, "/health/live", host: "10.1.2.3:8081"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_healthPort, "/metrics", host: "10.1.2.3:8081"));
        foreach (var path in new[] { "/api/probe", "/v1/api/probe", "/", "/dashboard", "/scalar", "/openapi/v1.json" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_healthPort, path, host: $"localhost:{port}"));
        foreach (var path in new[] { "/health/live", "/health/ready", "/v1/health/live", "/metrics" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(port, path, host: $"localhost:{_healthPort}"));
    }

    [Theory]
    [InlineData("AzureAd__TenantId", "", "AzureAd:TenantId is missing")]
    [InlineData("AzureAd__TenantId", "organizations", "AzureAd:TenantId is 'organizations'")]
    [InlineData("AzureAd__ClientId", "", "AzureAd:ClientId and AzureAd:Audience are both missing")]
    [InlineData("Dashboard__SignIn__ClientId", "a-client", "Of Dashboard:SignIn:ClientId and Dashboard:SignIn:ClientSecret only one is set")]
    [InlineData("AzureAd__Instance", "http://login.example.com", "AzureAd:Instance is 'http://login.example.com'")]
    public async Task Gateway_that_does_not_know_whose_tokens_to_accept_refuses_to_start(string name, string value, string says)
    {
        _gateway.Environment[name] = value;
        _gateway.Start();

        Assert.Equal(1, await _gateway.ExitCodeAsync());
        Assert.Contains(says, _gateway.Errors, StringComparison.Ordinal);
        Assert.Single(_gateway.Errors.Split('\n'));
        Assert.EndsWith(".", _gateway.Errors, StringComparison.Ordinal);
        Assert.Equal("", _gateway.Output);
    }

    [Fact]
    public async Task Gateway_in_local_mode_refuses_to_listen_beyond_loopback()
    {
        _gateway.Environment["Hosting__Mode"] = "Local";
        _gateway.Start();

        Assert.Equal(1, await _gateway.ExitCodeAsync());
        Assert.Contains("Local mode has no authentication and listens on loopback only", _gateway.Errors, StringComparison.Ordinal);
    }

    // Any address but 127.0.0.1, so that a port open on loopback alone would do, yet not one bound to 127.0.0.1.
    private async Task<HttpStatusCode?> StatusAsync(int port, string path, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.9:{port}{path}"));
        request.Headers.Host = host;
        request.Headers.Authorization = new("Bearer", _issuer.Token(["Operators"]));
        try
        {
            using var response = await _gateway.Http.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
