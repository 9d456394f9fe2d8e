using k8s.Models;

namespace DroneDelivery.Deployment.Charts;

/// <summary>Labels and what selects by them.</summary>
internal static class Labels
{
    public const string Component = "app.kubernetes.io/component";

    /// <summary>Whether a selector by labels alone selects something with these labels.</summary>
    public static bool Selects(this IDictionary<string, string> selector, IDictionary<string, string> labels) =>
        selector.All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value);

    /// <summary>Whether a selector selects something with these labels; an empty one selects everything.</summary>
    public static bool Selects(this V1LabelSelector selector, IDictionary<string, string> labels) =>
        (selector.MatchLabels ?? new Dictionary<string, string>()).Selects(labels)
        && (selector.MatchExpressions ?? []).All(expression => expression.OperatorProperty switch
        {
            "In" => labels.TryGetValue(expression.Key, out var value) && expression.Values.Contains(value),
            "Exists" => labels.ContainsKey(expression.Key),
            var other => throw new NotSupportedException(other),
        });
}
