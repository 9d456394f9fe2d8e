using System.Text.Json.Nodes;
using DroneDelivery.Deployment.Charts;
using DroneDelivery.Storage;
using k8s.Models;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>Templates, charts and code name the same things.</summary>
public sealed class WorkloadTests
{
    private static readonly JsonNode Containers = JsonNode.Parse(File.ReadAllText(Repository.At("infra", "shared", "containers.json")))!;

    public static TheoryData<string> Environments => [.. Snapshot.Environments];

    [Fact]
    public void Containers_are_those_that_the_code_opens() => Assert.Equal(
        GrainStores.All.Concat(["OrleansCluster", "OrleansReminders", "index"]).Order(StringComparer.Ordinal),
        Containers["containers"]!.AsArray().Select(item => Text(item!["name"])).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Environments))]
    public void Every_container_is_deployed_with_its_key_and_nothing_indexed_that_nobody_asks_for(string environment)
    {
        var deployed = Snapshot.Read(environment).All("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers")
            .Select(item => item["properties"]!["resource"]!).ToDictionary(item => Text(item["id"]));
        Assert.All(Containers["containers"]!.AsArray(), item =>
        {
            var container = deployed[Text(item!["name"])];
            Assert.Equal([Text(item["partitionKey"])], container["partitionKey"]!["paths"]!.AsArray().Select(Text));
            Assert.Equal(2, container["partitionKey"]!["version"]!.GetValue<int>());
            Assert.Equal(item["indexed"]!.AsArray().Select(Text), container["indexingPolicy"]!["includedPaths"]!.AsArray().Select(path => Text(path!["path"])));
            Assert.Equal(["/*"], container["indexingPolicy"]!["excludedPaths"]!.AsArray().Select(path => Text(path!["path"])));
        });
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task Identity_is_taken_on_by_a_service_account_that_the_chart_makes(string environment)
    {
        var rendered = await Helm.TemplateAsync(Scenario.Application("azure"), release: "drone-delivery", space: $"drone-delivery-{environment}");
        var accounts = Rendering.Read(rendered.OrFail().Output).All<V1ServiceAccount>()
            .Select(account => $"system:serviceaccount:{account.Metadata.NamespaceProperty}:{account.Metadata.Name}");
        var credentials = Snapshot.Read(environment).All("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials");
        Assert.Equal(accounts.Order(), credentials.Select(item => Text(item["properties"]!["subject"])).Order());
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Gateway_reads_two_containers_and_writes_none(string environment)
    {
        var snapshot = Snapshot.Read(environment);
        var names = snapshot.All("Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions")
            .ToDictionary(item => Text(item["id"]), item => Text(item["properties"]!["roleName"]));
        var access = snapshot.All("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments").Select(item => item["properties"]!).ToLookup(
            item => Text(item["principalId"]).Contains("-gateway'", StringComparison.Ordinal) ? "gateway" : "silo",
            item => $"{names[Text(item["roleDefinitionId"])]}: {Text(item["scope"]).Split("/colls/")[1]}");
        Assert.Equal(["Drone delivery reader: OrleansCluster", "Drone delivery reader: index"], access["gateway"].Order(StringComparer.Ordinal));
        Assert.Equal(
            Containers["containers"]!.AsArray().Select(item => $"Drone delivery writer: {Text(item!["name"])}").Order(StringComparer.Ordinal),
            access["silo"].Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task Cluster_addresses_are_those_that_the_network_policies_of_the_chart_let_through(string environment)
    {
        var subnets = Snapshot.Read(environment).One("Microsoft.Network/virtualNetworks")["properties"]!["subnets"]!.AsArray()
            .ToDictionary(item => Text(item!["name"]), item => System.Net.IPNetwork.Parse(Text(item!["properties"]!["addressPrefix"])));
        var policies = (await Scenario.Application("azure").RenderAsync()).All<V1NetworkPolicy>();
        foreach (var subnet in new[] { "api-server", "private-endpoints" })
        {
            var egress = policies.Where(policy => policy.Metadata.Name.EndsWith("silo", StringComparison.Ordinal)).SelectMany(policy => policy.Spec.Egress)
                .Where(rule => rule.Ports is null || rule.Ports.Any(port => port.Port.Value == "443"))
                .SelectMany(rule => rule.To ?? []).Select(peer => peer.IpBlock?.Cidr).OfType<string>().Select(System.Net.IPNetwork.Parse).ToList();
            Assert.True(egress.Any(range => range.Contains(subnets[subnet].BaseAddress)), $"Silos cannot reach the subnet {subnet}.");
        }
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
