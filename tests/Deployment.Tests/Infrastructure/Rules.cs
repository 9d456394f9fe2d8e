using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>What the deployed resources keep.</summary>
internal static partial class Rules
{
    private const string Cluster = "Microsoft.ContainerService/managedClusters";
    private const string Store = "Microsoft.DocumentDB/databaseAccounts";
    private const string Vault = "Microsoft.KeyVault/vaults";
    private const string Registry = "Microsoft.ContainerRegistry/registries";
    private const string Network = "Microsoft.Network/virtualNetworks";

    private static readonly string Runbook = File.ReadAllText(Repository.At("docs", "operations.md"));

    public static IReadOnlyList<Rule> All { get; } =
    [
        Is("Store is reached by identity only", Store, "disableLocalAuth", true, false),
        Is("Store is reached from the network only", Store, "publicNetworkAccess", "Disabled", "Enabled"),
        Is("Store shows every process what the others wrote", Store, "consistencyPolicy.defaultConsistencyLevel", "BoundedStaleness", "Session"),
        Is("Store is written to in one region", Store, "enableMultipleWriteLocations", false, true),
        Is("Store speaks TLS 1.2 at least", Store, "minimalTlsVersion", "Tls12", "Tls"),
        Is("Store can be restored to any moment", Store, "backupPolicy.type", "Continuous", "Periodic"),
        Is("Store changes its shape by Azure RBAC only", Store, "disableKeyBasedMetadataWriteAccess", true, false),
        Is("Store lets no service of Azure past its network rules", Store, "networkAclBypass", "None", "AzureServices"),
        new("Store is replicated over zones", Store,
            item => Properties(item)["locations"]!.AsArray().All(place => place!["isZoneRedundant"]!.GetValue<bool>()),
            item => Properties(item)["locations"]![0]!["isZoneRedundant"] = false) { ForResilient = true },
        Is("Store cannot be deleted by accident", "Microsoft.Authorization/locks", "level", "CanNotDelete", "NotSpecified"),
        new("No role of the store may change its shape", "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions",
            item => Actions(item).All(action => !action!.GetValue<string>().EndsWith("containers/*", StringComparison.Ordinal)),
            item => Actions(item).Add("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/*")),
        new("Nobody gets more of the store than a container", "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments",
            item => Text(item, "scope").Contains("/colls/", StringComparison.Ordinal),
            item => Properties(item)["scope"] = Text(item, "scope").Split("/dbs/")[0]),

        Is("Cluster has no accounts of its own", Cluster, "disableLocalAccounts", true, false),
        Is("Cluster signs in by Entra ID", Cluster, "aadProfile.managed", true, false),
        Is("Cluster decides by Azure RBAC", Cluster, "aadProfile.enableAzureRBAC", true, false),
        Is("Cluster gives pods identities", Cluster, "securityProfile.workloadIdentity.enabled", true, false),
        Is("Cluster issues tokens that Entra ID accepts", Cluster, "oidcIssuerProfile.enabled", true, false),
        Is("Cluster enforces network policies", Cluster, "networkProfile.networkPolicy", "cilium", "none"),
        Is("Cluster can name hosts in network policies", Cluster,
            "networkProfile.advancedNetworking.security.advancedNetworkPolicies", "FQDN", "None"),
        Is("Cluster is entered by the Gateway API", Cluster,
            "ingressProfile.webAppRouting.gatewayAPIImplementations.appRoutingIstio.mode", "Enabled", "Disabled"),
        Is("Cluster runs no NGINX, whose support has ended", Cluster,
            "ingressProfile.webAppRouting.nginx.defaultIngressControllerType", "None", "AnnotationControlled"),
        Is("Cluster takes up new versions of secrets", Cluster, "addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation", "true", "false"),
        Is("Cluster heeds Azure Policy", Cluster, "addonProfiles.azurepolicy.enabled", true, false),
        Is("Cluster is watched by Defender", Cluster, "securityProfile.defender.securityMonitoring.enabled", true, false),
        Is("Cluster removes images that nothing uses", Cluster, "securityProfile.imageCleaner.enabled", true, false),
        Is("Cluster patches itself", Cluster, "autoUpgradeProfile.upgradeChannel", "patch", "none"),
        Is("Cluster patches its nodes", Cluster, "autoUpgradeProfile.nodeOSUpgradeChannel", "NodeImage", "None"),
        Is("Cluster runs no commands for Azure", Cluster, "apiServerAccessProfile.disableRunCommand", true, false),
        Is("Cluster has private addresses only", Cluster, "apiServerAccessProfile.enablePrivateCluster", true, false) with { ForResilient = true },
        Is("Cluster leaves by one address", Cluster, "networkProfile.outboundType", "userAssignedNATGateway", "loadBalancer"),
        new("Cluster has an agreement on its uptime", Cluster,
            item => item["sku"]!["tier"]!.GetValue<string>() == "Standard",
            item => item["sku"]!["tier"] = "Free") { ForResilient = true },
        new("API server answers some of the internet at most", Cluster,
            item => Access(item) is var access && (access["enablePrivateCluster"]!.GetValue<bool>() || access["authorizedIPRanges"]!.AsArray().Count > 0),
            item => (Access(item)["enablePrivateCluster"], Access(item)["authorizedIPRanges"]) = (false, new JsonArray())),
        new("Nodes are in three zones", Cluster,
            item => Pools(item).All(pool => pool!["availabilityZones"]!.AsArray().Count == 3),
            item => Pools(item)[0]!["availabilityZones"] = new JsonArray("1")) { ForResilient = true },
        new("Nodes run Azure Linux without remote sign-in", Cluster,
            item => Pools(item).All(pool =>
                pool!["osSKU"]!.GetValue<string>() == "AzureLinux" && pool["securityProfile"]!["sshAccess"]!.GetValue<string>() == "Disabled"),
            item => Pools(item)[1]!["osSKU"] = "Ubuntu"),
        new("Silos do not share nodes with the system", Cluster,
            item => Pools(item).Where(pool => pool!["mode"]!.GetValue<string>() == "System").All(pool => pool!["nodeTaints"]!.AsArray().Count > 0),
            item => Pools(item).First(pool => pool!["mode"]!.GetValue<string>() == "System")!["nodeTaints"] = new JsonArray()),
        new("Nodes come and go by need", Cluster,
            item => Pools(item).All(pool => pool!["enableAutoScaling"]!.GetValue<bool>()),
            item => Pools(item)[0]!["enableAutoScaling"] = false),

        Is("Vault decides by Azure RBAC", Vault, "enableRbacAuthorization", true, false),
        Is("Vault loses nothing for good", Vault, "enablePurgeProtection", true, false),
        Is("Vault keeps what was deleted for long", Vault, "softDeleteRetentionInDays", 90, 7),
        Is("Vault is reached from the network only", Vault, "publicNetworkAccess", "Disabled", "Enabled"),
        Is("Vault denies what no rule allows", Vault, "networkAcls.defaultAction", "Deny", "Allow"),

        Is("Registry has no administrator's password", Registry, "adminUserEnabled", false, true),
        Is("Registry gives nothing to strangers", Registry, "anonymousPullEnabled", false, true),
        Is("Registry takes no tokens of Azure Resource Manager", Registry, "policies.azureADAuthenticationAsArmPolicy.status", "disabled", "enabled"),
        Is("Registry forgets what no tag names", Registry, "policies.retentionPolicy.status", "enabled", "disabled"),
        Is("Registry is replicated over zones", Registry, "zoneRedundancy", "Enabled", "Disabled") with { ForResilient = true },
        new("Registry can be reached privately", Registry, item => item["sku"]!["name"]!.GetValue<string>() == "Premium", item => item["sku"]!["name"] = "Basic"),

        new("Subnet has its rules", Network,
            item => Properties(item)["subnets"]!.AsArray().All(subnet => subnet!["properties"]!["networkSecurityGroup"]?["id"] is not null),
            item => Properties(item)["subnets"]![0]!["properties"]!.AsObject().Remove("networkSecurityGroup")),
        new("Subnet reaches nothing outside by default", Network,
            item => Properties(item)["subnets"]!.AsArray().All(subnet => subnet!["properties"]!["defaultOutboundAccess"]!.GetValue<bool>() == false),
            item => Properties(item)["subnets"]![0]!["properties"]!["defaultOutboundAccess"] = true),
        new("Nobody outside reaches other ports than those of the web", "Microsoft.Network/networkSecurityGroups",
            item => Inbound(item)
                .Where(rule => rule["access"]!.GetValue<string>() == "Allow" && rule["sourceAddressPrefix"]!.GetValue<string>() is "Internet" or "*")
                .All(rule => rule["destinationPortRanges"]?.AsArray().Select(port => port!.GetValue<string>()).All(port => port is "80" or "443") == true),
            item => Inbound(item).First()["destinationPortRanges"] = new JsonArray("22")),
        Is("Logs are asked for by identity only", "Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", true, false),
        new("Logs have a daily limit", "Microsoft.OperationalInsights/workspaces",
            item => Properties(item)["workspaceCapping"]!["dailyQuotaGb"]!.GetValue<int>() > 0, item => Properties(item)["workspaceCapping"]!["dailyQuotaGb"] = -1),
        Is("Dashboards have no keys", "Microsoft.Dashboard/grafana", "apiKey", "Disabled", "Enabled"),
        new("Somebody is told of alerts", "Microsoft.Insights/actionGroups",
            item => Properties(item)["emailReceivers"]!.AsArray().Count > 0, item => Properties(item)["emailReceivers"] = new JsonArray()),
        new("Alert names a section of the runbook", "Microsoft.Insights/metricAlerts",
            item => RunbookSection().Match(Text(item, "description")) is { Success: true } match
                && Runbook.Contains($"\n## {match.Groups[1].Value}\n", StringComparison.Ordinal),
            item => Properties(item)["description"] = "Bad. Runbook: docs/operations.md, \"No such section\"."),
        Is("Alerts are on", "Microsoft.Insights/metricAlerts", "enabled", true, false) with { ForResilient = true },
        new("Costs are watched", "Microsoft.Consumption/budgets",
            item => Properties(item)["notifications"]!.AsObject().Count >= 2, item => Properties(item)["notifications"] = new JsonObject()),
        new("Images are trusted by registry and digest", "Microsoft.Authorization/policyAssignments",
            item => !item["name"]!.GetValue<string>().StartsWith("trusted", StringComparison.Ordinal) || item["properties"]!.ToJsonString().Contains("@sha256:", StringComparison.Ordinal),
            item => (item["name"], item["properties"]!["parameters"]) = ("trusted-images", new JsonObject())),
    ];

    /// <summary>Types of resources that must have a diagnostic setting.</summary>
    public static IReadOnlyList<string> WithDiagnostics { get; } =
    [
        Cluster, Store, Vault, Registry, Network, "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/publicIPAddresses", "Microsoft.Dashboard/grafana",
        "Microsoft.OperationalInsights/workspaces", "Microsoft.EventGrid/namespaces", "Microsoft.ServiceNetworking/trafficControllers",
    ];

    private static Rule Is<T>(string name, string type, string path, T right, T wrong) => new(
        name,
        type,
        item => At(Properties(item), path.Split('.')) is JsonValue value && Equals(value.GetValue<T>(), right),
        item => At(Properties(item), path.Split('.')[..^1])![path.Split('.')[^1]] = JsonValue.Create(wrong));

    private static JsonNode? At(JsonNode? node, IEnumerable<string> path) => path.Aggregate(node, (item, name) => item?[name]);

    private static JsonNode Properties(JsonNode item) => item["properties"]!;

    private static string Text(JsonNode item, string name) => Properties(item)[name]!.GetValue<string>();

    private static JsonArray Actions(JsonNode item) => Properties(item)["permissions"]![0]!["dataActions"]!.AsArray();

    private static JsonNode Access(JsonNode item) => Properties(item)["apiServerAccessProfile"]!;

    private static JsonArray Pools(JsonNode item) => Properties(item)["agentPoolProfiles"]!.AsArray();

    private static IEnumerable<JsonNode> Inbound(JsonNode item) => Properties(item)["securityRules"]!.AsArray().Select(rule => rule!["properties"]!)
        .Where(rule => rule["direction"]!.GetValue<string>() == "Inbound");

    [GeneratedRegex("Runbook: docs/operations.md, \"([^\"]+)\"")]
    private static partial Regex RunbookSection();
}
