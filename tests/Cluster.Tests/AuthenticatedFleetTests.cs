using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Tls;

namespace DroneDelivery.Processes;

/// <summary>The fleet simulator at a gateway that asks for tokens.</summary>
[Collection(nameof(Processes))]
public sealed class AuthenticatedFleetTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _data = new();
    private readonly int _healthPort = Ports.Free(1)[0];
    private TokenIssuer _issuer = null!;
    private SiloProcess _silo = null!;
    private GatewayProcess _gateway = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        _silo = new SiloProcess(_data.Store);
        _gateway = new GatewayProcess(_data.Store);
        foreach (var (name, value) in _issuer.Settings) _gateway.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        _gateway.Environment["Hosting__Mode"] = "Kubernetes";
        _gateway.UseTls(TestAuthority.Shared.GatewayFolder);
        _silo.UseTls(TestAuthority.Shared.SiloFolder);
        _gateway.Environment["Idempotency__Key"] = Convert.ToBase64String(new byte[32]);
        _gateway.Environment["DroneKeys__Secret"] = Convert.ToBase64String(new byte[32]);
        _gateway.Environment["Hosting__HealthPort"] = _healthPort.ToString(CultureInfo.InvariantCulture);
        _gateway.Environment["KUBECONFIG"] = _gateway.Environment["KUBERNETES_SERVICE_HOST"] = "";
        _gateway.Environment["ASPNETCORE_URLS"] = $"http://*:{_gateway.Address.Port}";
        _silo.Start();
        _gateway.Start();
        await _silo.WaitUntilReadyAsync(Stop);
        using var health = new HttpClient { BaseAddress = new($"http://127.0.0.1:{_healthPort}") };
        await Eventually.HoldsAsync("the gateway is ready", async () =>
        {
            try
            {
                using var answer = await health.GetAsync("/health/ready", Stop);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, Patience, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _silo.DisposeAsync();
        await _issuer.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Station_with_client_credentials_delivers_a_parcel()
    {
        await using var fleet = new FleetProcess(
            _gateway.Address, "--drones", "3", "--interval", "1", "--token-endpoint", $"{_issuer.Instance}/{_issuer.TenantId}/oauth2/v2.0/token",
            "--client-id", "station", "--scope", $"api://{_issuer.ClientId}/.default");
        fleet.Environment["FLEET_CLIENT_SECRET"] = TokenIssuer.ClientSecret;
        fleet.Start();
        using var shop = As(_issuer.Token(["Deliveries.ReadWrite"], "a-shop"));

        using var accepted = await shop.PostAsJsonAsync("/api/deliveryrequests", JsonNode.Parse(
            """{"confirmationRequired":"None","dropOffLocation":"b","pickupLocation":"a","packageInfo":{"size":"Small","weight":1}}"""), Stop);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (string)(await accepted.Content.ReadFromJsonAsync<JsonNode>(Stop))!["deliveryId"]!;

        await Eventually.HoldsAsync("the delivery is completed", async () => (int?)(await shop.GetFromJsonAsync<JsonNode>($"/api/deliveries/{id}/status", Stop))!["stage"] == 4, Patience, Stop);
        Assert.Equal(1, _issuer.ApplicationTokens);
    }

    [Fact]
    public async Task Drone_with_its_key_in_a_file_reports_and_one_without_is_refused()
    {
        using var olga = As(_issuer.Token(["Operators"], "olga"));
        using var made = await olga.PostAsync("/api/operations/drones/lone-0001/keys", null, Stop);
        var file = _data.File("key");
        await File.WriteAllTextAsync(file, (string)(await made.Content.ReadFromJsonAsync<JsonNode>(Stop))!["key"]! + "\n", Stop);
        await using var fleet = new FleetProcess(_gateway.Address, "--drones", "1", "--interval", "1", "--id-prefix", "lone", "--token-file", file);
        await using var stranger = new FleetProcess(_gateway.Address, "--drones", "1", "--interval", "1", "--id-prefix", "stranger");
        fleet.Start();
        stranger.Start();

        await Eventually.HoldsAsync("the drone has reported", async () =>
        {
            using var answer = await olga.GetAsync("/api/drones/lone-0001", Stop);
            return answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<JsonNode>(Stop))!["lastReport"] is not null;
        }, Patience, Stop);
        await Eventually.HoldsAsync("the other says why not", () => Task.FromResult(stranger.Output.Contains("401", StringComparison.Ordinal)), Patience, Stop);
        Assert.Equal(HttpStatusCode.NotFound, (await olga.GetAsync("/api/drones/stranger-0001", Stop)).StatusCode);
    }

    private HttpClient As(string token) => new() { BaseAddress = _gateway.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
}
