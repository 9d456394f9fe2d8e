using System.Globalization;
using System.Net;
using DroneDelivery.Processes;
using DroneDelivery.Tls;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Kubernetes;

/// <summary>Real silo processes that believe to be in pods, on a stand-in for the Kubernetes API.</summary>
[Collection(nameof(Processes))]
public sealed class SilosInPodsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Service = "drones";
    private const string Cluster = "blue";
    private const int Active = 3;
    private const int Dead = 6;

    private readonly TemporaryFolder _data = new();
    private readonly List<SiloProcess> _silos = [];
    private PodApi _api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await PodApi.StartAsync(Ports.Free(1)[0]);
        _api.WriteKubeConfig(_data.File("kubeconfig"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
        await _api.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Silos_join_under_name_and_address_of_their_pods_and_use_no_other_verbs()
    {
        var (first, second) = (Pod("silo-a", "127.0.0.2"), Pod("silo-b", "127.0.0.3"));

        first.Start();
        second.Start();
        await Task.WhenAll(first.WaitUntilReadyAsync(Cancellation), second.WaitUntilReadyAsync(Cancellation));

        Assert.Equal([("silo-a", "127.0.0.2", Active), ("silo-b", "127.0.0.3", Active)], Members());
        Assert.Subset(new HashSet<string> { "get", "list", "watch" }, _api.Calls.ToHashSet());
    }

    [Fact]
    public async Task Probes_and_metrics_are_served_on_every_address_of_their_own_port_and_nothing_else_is()
    {
        var silo = Pod("silo-a", "127.0.0.1");
        silo.Start();
        await silo.WaitUntilReadyAsync(Cancellation);

        foreach (var path in new[] { "/health/startup", "/health/live", "/health/ready" })
            Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync(new Uri($"http://127.0.0.9:{silo.HealthPort}{path}"), Cancellation)).StatusCode);

        // What the autoscalers ask Prometheus for.
        var metrics = await silo.Http.GetStringAsync(new Uri($"http://127.0.0.9:{silo.HealthPort}/metrics"), Cancellation);
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("orleans_catalog_activations{", StringComparison.Ordinal));

        foreach (var path in new[] { "/", "/health", "/dashboard", "/api/probe" })
            Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAsync(path, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("list")]
    [InlineData("watch")]
    [InlineData("list, watch")]
    public async Task Missing_verb_stops_the_silo_with_the_verb_to_add(string verbs)
    {
        foreach (var verb in verbs.Split(", ")) _api.Missing.Add(verb);

        await AssertRefusedAsync(Pod("silo-a"), $"{verbs} on the resource pods to its Role");

        Assert.True(_api.Calls.Count <= 3, $"the API was called {_api.Calls.Count} times");
    }

    [Theory]
    [InlineData("other", Cluster, "label orleans/serviceId of pod 'silo-a' is 'other', but ORLEANS_SERVICE_ID is 'drones'")]
    [InlineData(Service, "green", "label orleans/clusterId of pod 'silo-a' is 'green', but ORLEANS_CLUSTER_ID is 'blue'")]
    public async Task Labels_that_differ_from_the_environment_stop_the_silo(string serviceId, string clusterId, string says)
    {
        var silo = Pod("silo-a");
        _api.Add("silo-a", serviceId, clusterId);

        await AssertRefusedAsync(silo, says);
    }

    [Fact]
    public async Task Pod_that_is_not_there_stops_the_silo()
    {
        var silo = Pod("silo-a");
        _api.Delete("silo-a");

        await AssertRefusedAsync(silo, "There is no pod 'silo-a' in namespace 'deliveries'");
    }

    [Fact]
    public async Task Token_that_is_not_accepted_stops_the_silo()
    {
        _api.TokenIsUnknown = true;

        await AssertRefusedAsync(Pod("silo-a"), "does not accept the token");
    }

    [Fact]
    public async Task Silo_without_a_service_account_is_stopped()
    {
        var silo = Pod("silo-a");
        silo.Environment["KUBECONFIG"] = silo.Environment["KUBERNETES_SERVICE_HOST"] = "";

        await AssertRefusedAsync(silo, "finds no service account");
    }

    [Theory]
    [InlineData("POD_NAME", "", "POD_NAME is not set")]
    [InlineData("POD_NAMESPACE", "", "POD_NAMESPACE is not set")]
    [InlineData("POD_IP", "here", "POD_IP is 'here'")]
    [InlineData("ORLEANS_SERVICE_ID", "", "ORLEANS_SERVICE_ID is not set")]
    [InlineData("ORLEANS_CLUSTER_ID", "", "ORLEANS_CLUSTER_ID is not set")]
    [InlineData("Hosting__Mode", "Nomad", "Hosting:Mode is 'Nomad'")]
    [InlineData("Hosting__HealthPort", "0", "Hosting:HealthPort is '0'")]
    [InlineData("Hosting__Kubernetes__Budget", "long", "Hosting:Kubernetes:Budget is 'long'")]
    [InlineData("KUBECONFIG", "/nowhere/kubeconfig", "'/nowhere/kubeconfig' that KUBECONFIG names")]
    public async Task Wrong_environment_stops_the_silo(string name, string value, string says)
    {
        var silo = Pod("silo-a");
        silo.Environment[name] = value;

        await AssertRefusedAsync(silo, says);
    }

    [Fact]
    public async Task Slow_api_stops_the_silo_in_bounded_time()
    {
        _api.Delay = TimeSpan.FromMinutes(1);

        await AssertRefusedAsync(Impatient(Pod("silo-a")), "could not be asked to get pods within 3 s (no answer within 1 s)");
    }

    [Fact]
    public async Task Failing_api_stops_the_silo_in_bounded_time()
    {
        _api.Failure = HttpStatusCode.ServiceUnavailable;

        await AssertRefusedAsync(Impatient(Pod("silo-a")), "could not be asked to get pods within 3 s (it answered 503)");
    }

    [Fact]
    public async Task Absent_api_stops_the_silo_in_bounded_time()
    {
        var silo = Impatient(Pod("silo-a"));
        await _api.DisposeAsync();

        await AssertRefusedAsync(silo, "could not be asked to get pods within 3 s (Connection refused");
    }

    [Fact]
    public async Task Api_that_comes_late_is_waited_for()
    {
        _api.Failure = HttpStatusCode.ServiceUnavailable;
        var silo = Pod("silo-a");
        silo.Start();
        await Eventually.HoldsAsync("the API was asked twice", () => Task.FromResult(_api.Calls.Count >= 2), TimeSpan.FromSeconds(90), Cancellation);

        _api.Failure = null;

        await silo.WaitUntilReadyAsync(Cancellation);
    }

    [Fact]
    public async Task Silos_go_on_when_the_api_fails_and_watch_again_when_it_is_back()
    {
        var (first, second) = (Pod("silo-a"), Pod("silo-b"));
        first.Start();
        second.Start();
        await Task.WhenAll(first.WaitUntilReadyAsync(Cancellation), second.WaitUntilReadyAsync(Cancellation));
        await Eventually.HoldsAsync("a silo watches", () => Task.FromResult(_api.OpenWatches > 0), TimeSpan.FromSeconds(90), Cancellation);

        _api.Failure = HttpStatusCode.InternalServerError;
        _api.CutWatches();
        await Eventually.HoldsAsync("the watch was asked for in vain", () => Task.FromResult(_api.OpenWatches == 0 && _api.Calls.Last() == "watch"), TimeSpan.FromSeconds(90), Cancellation);
        Assert.True(await first.IsReadyAsync(Cancellation));
        Assert.True(await second.IsReadyAsync(Cancellation));

        _api.Failure = null;
        await Eventually.HoldsAsync("a silo watches again", () => Task.FromResult(_api.OpenWatches > 0), TimeSpan.FromSeconds(90), Cancellation);
        Assert.All(Members(), member => Assert.Equal(Active, member.Status));
    }

    [Fact]
    public async Task Silo_whose_pod_was_deleted_leaves_the_cluster_though_it_answers()
    {
        var (first, second) = (Pod("silo-a"), Pod("silo-b"));
        first.Start();
        await first.WaitUntilReadyAsync(Cancellation);
        second.Start();
        await second.WaitUntilReadyAsync(Cancellation);
        await Eventually.HoldsAsync("a silo watches", () => Task.FromResult(_api.OpenWatches > 0), TimeSpan.FromSeconds(90), Cancellation);

        _api.Delete("silo-b");

        var took = await Eventually.HoldsAsync("silo-b counts as dead", () => Task.FromResult(Members().Contains(("silo-b", "127.0.0.1", Dead))), TimeSpan.FromSeconds(90), Cancellation);
        output.WriteLine($"struck off after {took}");
        Assert.True(await first.IsReadyAsync(Cancellation));
        await second.ExitCodeAsync();
    }

    private SiloProcess Pod(string name, string address = "127.0.0.1")
    {
        var silo = new SiloProcess(_data.Store);
        _silos.Add(silo);
        _api.Add(name, Service, Cluster);
        silo.Environment.Remove("ASPNETCORE_URLS");
        silo.Environment["Hosting__Mode"] = "Kubernetes";
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Environment["Hosting__HealthPort"] = silo.HealthPort.ToString(CultureInfo.InvariantCulture);
        silo.Environment["KUBECONFIG"] = _data.File("kubeconfig");
        silo.Environment["POD_NAME"] = name;
        silo.Environment["POD_NAMESPACE"] = PodApi.Namespace;
        silo.Environment["POD_IP"] = address;
        silo.Environment["Notifications__SecretKey"] = Processes.CosmosStore.SecretKey;
        silo.Environment["ORLEANS_SERVICE_ID"] = Service;
        silo.Environment["ORLEANS_CLUSTER_ID"] = Cluster;
        return silo;
    }

    private static SiloProcess Impatient(SiloProcess silo)
    {
        silo.Environment["Hosting__Kubernetes__CallTimeout"] = "00:00:01";
        silo.Environment["Hosting__Kubernetes__Budget"] = "00:00:03";
        return silo;
    }

    private static async Task AssertRefusedAsync(SiloProcess silo, string says)
    {
        silo.Start();

        Assert.Equal(1, await silo.ExitCodeAsync());
        Assert.Contains(says, silo.Errors, StringComparison.Ordinal);
        Assert.Single(silo.Errors.Split('\n'));
        Assert.EndsWith(".", silo.Errors, StringComparison.Ordinal);
    }

    /// <summary>The members' rows: silo name, address, status.</summary>
    private (string Name, string Address, int Status)[] Members()
    {
        using var connection = new SqliteConnection($"Data Source={_data.Store};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT SiloName, Address, Status FROM OrleansMembershipTable ORDER BY SiloName";
        using var reader = command.ExecuteReader();
        var members = new List<(string, string, int)>();
        while (reader.Read()) members.Add((reader.GetString(0), reader.GetString(1), reader.GetInt32(2)));
        return [.. members];
    }
}
