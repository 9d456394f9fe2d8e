using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DroneDelivery.Deployment.Charts;

/// <summary>What holds of both charts.</summary>
public sealed partial class ChartTests
{
    [Theory, MemberData(nameof(Scenarios.All), MemberType = typeof(Scenarios))]
    public async Task Scenario_passes_the_strict_lint(string chart, string scenario)
    {
        var answer = await Helm.LintAsync(new(chart, scenario));
        Assert.True(answer.ExitCode == 0, answer.Output + answer.Errors);
    }

    [Theory, MemberData(nameof(Scenarios.All), MemberType = typeof(Scenarios))]
    public async Task Scenario_renders_only_what_Kubernetes_knows(string chart, string scenario)
    {
        var rendering = await new Scenario(chart, scenario).RenderAsync();
        Assert.NotEmpty(rendering.Objects);
        Assert.All(rendering.Objects, item => Assert.Matches(ObjectName(), item.Metadata.Name));

        // One object of a kind and name per namespace, or the second overwrites the first.
        var identities = rendering.Objects.Select(item => (item.Kind, item.Metadata.NamespaceProperty, item.Metadata.Name)).ToList();
        Assert.Equal(identities.Count, identities.Distinct().Count());
    }

    [Theory, MemberData(nameof(Scenarios.All), MemberType = typeof(Scenarios))]
    public async Task Scenario_labels_everything(string chart, string scenario)
    {
        var rendering = await new Scenario(chart, scenario).RenderAsync();
        Assert.All(rendering.Objects, item =>
        {
            Assert.Equal("drone-delivery", item.Metadata.Labels["app.kubernetes.io/part-of"]);
            Assert.Equal(chart, item.Metadata.Labels["app.kubernetes.io/name"]);
            Assert.Equal(Helm.Release, item.Metadata.Labels["app.kubernetes.io/instance"]);
            Assert.Equal("Helm", item.Metadata.Labels["app.kubernetes.io/managed-by"]);
            Assert.All(item.Metadata.Labels.Values, value => Assert.Matches(LabelValue(), value));
        });
    }

    [Theory, InlineData("drone-delivery"), InlineData("platform")]
    public void Template_file_is_named_after_its_one_kind(string chart)
    {
        var files = Directory.EnumerateFiles(Repository.At("helm", chart, "templates"), "*.yaml", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var kind = Assert.Single(File.ReadLines(file), line => line.StartsWith("kind: ", StringComparison.Ordinal))["kind: ".Length..];
            Assert.Equal(kind.ToLowerInvariant(), Path.GetFileNameWithoutExtension(file).Split('-')[^1]);
        });
    }

    [Theory, InlineData("drone-delivery"), InlineData("platform")]
    public void Schema_is_closed_everywhere(string chart)
    {
        var schema = JsonNode.Parse(File.ReadAllText(Repository.At("helm", chart, "values.schema.json")))!;
        var objects = Below(schema).OfType<JsonObject>().Where(node => node["type"] is JsonValue type && type.GetValue<string>() == "object").ToList();
        Assert.NotEmpty(objects);

        // Closed, or a map whose values have a type, or always empty.
        Assert.All(objects, node => Assert.True(
            node["additionalProperties"] is JsonValue value && !value.GetValue<bool>()
            || node["additionalProperties"]?["type"] is not null
            || node["maxProperties"]?.GetValue<int>() == 0,
            node.GetPath()));
    }

    [Theory, InlineData("drone-delivery"), InlineData("platform")]
    public void Every_value_is_commented(string chart)
    {
        var bare = new List<string>();
        var commented = 0;
        var previous = "";
        foreach (var line in File.ReadLines(Repository.At("helm", chart, "values.yaml")))
        {
            if (ValueLine().Match(line) is { Success: true } match)
            {
                // A group may be explained by its fields; the entries of a list are explained by the list.
                if (previous.TrimStart().StartsWith('#')) commented++;
                else if (match.Groups["value"].Value.Length > 0 && !previous.TrimStart().StartsWith("- ", StringComparison.Ordinal)) bare.Add(line);
            }

            previous = line;
        }

        Assert.True(commented > 0);
        Assert.Empty(bare);
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => node switch
    {
        JsonObject map => map.Select(pair => pair.Value).OfType<JsonNode>().SelectMany(Below).Prepend(map),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Below),
        _ => [],
    };

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$")]
    private static partial Regex ObjectName();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
    private static partial Regex LabelValue();

    [GeneratedRegex("^ *[A-Za-z]+:(?<value>.*)$")]
    private static partial Regex ValueLine();
}
