using System.Globalization;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Processes;

/// <summary>A Cosmos account, simulated by a process of this machine.</summary>
internal sealed class CosmosStore : ClusterStore
{
    private const string Database = "drone-delivery";

    private static readonly string[] Containers =
        ["requests", "supervision", "deliveries", "packages", "drones", "accounts", "ledgers", "thirdparty", "notifications", "confirmations", "archive", "erasures", "index"];

    private readonly Simulator _simulator = new();
    private readonly CosmosClient _client;

    private CosmosStore() => _client = new(Simulator.ConnectionString(_simulator.Endpoint), new() { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });

    /// <summary>Where it answers: on loopback.</summary>
    public Uri Endpoint => _simulator.Endpoint;

    public override IReadOnlyDictionary<string, string> Settings => SettingsFor(Endpoint);

    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <param name="options">Options of the simulator's command line.</param>
    public static async Task<CosmosStore> StartAsync(CancellationToken cancellationToken, params string[] options)
    {
        var store = new CosmosStore();
        store._simulator.Arguments.AddRange(options);
        store._simulator.Start();
        await store._simulator.WaitUntilReadyAsync(cancellationToken);
        return store;
    }

    /// <summary>Names the store to a process that reaches it at another address.</summary>
    public static IReadOnlyDictionary<string, string> SettingsFor(Uri endpoint) => new Dictionary<string, string>
    {
        ["Storage:Provider"] = "Cosmos",
        ["Storage:Cosmos:ConnectionString"] = Simulator.ConnectionString(endpoint),
        ["Storage:Cosmos:CreateResources"] = "true",
        ["Storage:Cosmos:ConnectionMode"] = "Gateway",
        ["Storage:Cosmos:LimitToEndpoint"] = "true",
        ["Notifications:SecretKey"] = SecretKey,
    };

    /// <summary>A key for the secrets of webhooks, which silos want outside local mode.</summary>
    public static string SecretKey { get; } = Convert.ToBase64String(new byte[32]);

    public override Task<long> StoredRequestsAsync() => CountAsync("requests", new("SELECT VALUE COUNT(1) FROM c"));

    public override async Task<bool> IsMemberAsync(SiloProcess silo) => await CountAsync(
        "OrleansCluster", new QueryDefinition("SELECT VALUE COUNT(1) FROM c WHERE c.EntityType = 'SiloEntity' AND c.Status = 3 AND c.Port = @port").WithParameter("@port", silo.SiloPort)) > 0;

    public override async Task<IReadOnlyList<string>> FindAsync(string text)
    {
        var found = new List<string>();
        foreach (var name in Containers)
        {
            using var pages = _client.GetContainer(Database, name).GetItemQueryStreamIterator();
            while (pages.HasMoreResults)
            {
                using var page = await pages.ReadNextAsync();
                using var reader = new StreamReader(page.EnsureSuccessStatusCode().Content);
                if ((await reader.ReadToEndAsync()).Contains(text, StringComparison.Ordinal)) found.Add(name);
            }
        }

        return found;
    }

    public override async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _simulator.DisposeAsync();
    }

    private async Task<long> CountAsync(string container, QueryDefinition query)
    {
        using var pages = _client.GetContainer(Database, container).GetItemQueryIterator<long>(query);
        return (await pages.ReadNextAsync()).Single();
    }

    private sealed class Simulator : ServiceProcess
    {
        // Published with Microsoft's emulator and the simulator's default: no secret.
        private const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

        public Simulator() : this(Ports.Free(1)[0])
        {
        }

        private Simulator(int port) : base("tools/CosmosSimulator", new($"http://127.0.0.1:{port}/"))
        {
            Endpoint = new($"http://127.0.0.1:{port}/");
            Arguments.AddRange(["--port", port.ToString(CultureInfo.InvariantCulture)]);
        }

        public Uri Endpoint { get; }

        public static string ConnectionString(Uri endpoint) => $"AccountEndpoint={endpoint};AccountKey={Key};";
    }
}
