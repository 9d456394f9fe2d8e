using System.Collections.Concurrent;

namespace DroneDelivery.Deployment.Charts;

/// <summary>One of the ways a chart is meant to be installed: a file under its <c>ci/</c>.</summary>
/// <param name="Chart">Name of the chart.</param>
/// <param name="Name">Name of the scenario.</param>
internal sealed record Scenario(string Chart, string Name)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Rendering>>> Renderings = new();

    /// <summary>Folder of the chart.</summary>
    public string ChartFolder => Repository.At("helm", Chart);

    /// <summary>The values file.</summary>
    public string File => Path.Combine(ChartFolder, "ci", $"{Name}-values.yaml");

    /// <summary>The scenario named <paramref name="name"/> of the application's chart.</summary>
    public static Scenario Application(string name) => new("drone-delivery", name);

    /// <summary>Every scenario of a chart.</summary>
    public static IEnumerable<Scenario> Of(string chart) =>
        Directory.EnumerateFiles(Repository.At("helm", chart, "ci"), "*-values.yaml")
            .Select(file => new Scenario(chart, Path.GetFileName(file)[..^"-values.yaml".Length]))
            .OrderBy(scenario => scenario.Name, StringComparer.Ordinal);

    /// <summary>What Helm makes of it, with more values: a JSON object.</summary>
    public Task<Rendering> RenderAsync(string values = "{}") => Renderings.GetOrAdd(
        $"{Chart}/{Name}/{values}",
        _ => new(async () => Rendering.Read((await Helm.TemplateAsync(this, values)).OrFail().Output))).Value;

    public override string ToString() => $"{Chart}/{Name}";
}
