using System.Text.Json.Nodes;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>What the templates make of an environment, as the compiler predicts it: <c>infra/environments/*.snapshot.json</c>.</summary>
internal sealed class Snapshot
{
    /// <summary>The environments, in the order in which a release passes through them.</summary>
    public static readonly IReadOnlyList<string> Environments = ["dev", "test", "qa", "production"];

    private Snapshot(string environment, JsonNode content) => (Environment, Content) = (environment, content);

    public string Environment { get; }

    public JsonNode Content { get; }

    /// <summary>Whether the environment promises what production does.</summary>
    public bool IsResilient => Environment is "qa" or "production";

    public IReadOnlyList<JsonNode> Resources => [.. Content["predictedResources"]!.AsArray().OfType<JsonNode>()];

    public static Snapshot Read(string environment) =>
        new(environment, JsonNode.Parse(File.ReadAllText(Repository.At("infra", "environments", $"{environment}.snapshot.json")))!);

    /// <summary>Resources of a type such as <c>Microsoft.KeyVault/vaults</c>.</summary>
    public IReadOnlyList<JsonNode> All(string type) => [.. Resources.Where(resource => resource["type"]!.GetValue<string>() == type)];

    /// <summary>The one resource of a type.</summary>
    public JsonNode One(string type) => All(type).Single();
}
