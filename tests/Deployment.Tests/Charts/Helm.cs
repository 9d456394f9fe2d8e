using System.Text.Json.Nodes;

namespace DroneDelivery.Deployment.Charts;

/// <summary>The real Helm, which <c>tools/get-helm.sh</c> fetches and <c>make test</c> calls for.</summary>
internal static class Helm
{
    /// <summary>Name and namespace of every release that is rendered.</summary>
    public const string Release = "drones", Namespace = "production";

    private static readonly string Program = Repository.At("artifacts", "tools", "helm");

    /// <summary><c>helm lint --strict</c>.</summary>
    public static Task<Answer> LintAsync(Scenario scenario) => RunAsync(["lint", "--strict", scenario.ChartFolder, "--values", scenario.File]);

    /// <summary><c>helm template</c>, with hooks, and with values besides those of the scenario: a JSON object.</summary>
    public static Task<Answer> TemplateAsync(Scenario scenario, string values = "{}", string release = Release, string space = Namespace) => RunAsync(
        ["template", release, scenario.ChartFolder, "--namespace", space, "--values", scenario.File, .. Leaves("", JsonNode.Parse(values)).SelectMany(leaf => new[] { "--set-json", leaf })]);

    /// <summary><c>helm template</c> with the chart's own values only.</summary>
    public static Task<Answer> TemplateWithoutValuesAsync(string chart) => RunAsync(["template", Release, Repository.At("helm", chart)]);

    /// <summary>The notes that an installation prints.</summary>
    public static Task<Answer> NotesAsync(Scenario scenario) => RunAsync(
        ["install", Release, scenario.ChartFolder, "--namespace", Namespace, "--values", scenario.File, "--dry-run=client", "--output", "json"]);

    // Helm would put a whole object in place of the scenario's; leaf by leaf it is merged.
    private static IEnumerable<string> Leaves(string path, JsonNode? node) => node is JsonObject { Count: > 0 } map
        ? map.SelectMany(pair => Leaves(path.Length == 0 ? pair.Key : $"{path}.{pair.Key}", pair.Value))
        : path.Length == 0 ? [] : [$"{path}={node?.ToJsonString() ?? "null"}"];

    private static Task<Answer> RunAsync(IEnumerable<string> arguments) => File.Exists(Program)
        ? Command.RunAsync(Program, arguments, new Dictionary<string, string?> { ["KUBECONFIG"] = "/dev/null" })
        : throw new FileNotFoundException($"{Program} is missing; run tools/get-helm.sh, or make test, which does.");
}
