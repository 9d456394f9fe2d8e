using System.Text.Json.Nodes;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>Something that every environment keeps, or those that promise what production does.</summary>
/// <param name="Name">What is kept, in words.</param>
/// <param name="Type">Type of the resources that it is about.</param>
/// <param name="Holds">Whether one of them keeps it.</param>
/// <param name="Break">Makes one of them break it, to show that the rule would find out.</param>
internal sealed record Rule(string Name, string Type, Func<JsonNode, bool> Holds, Action<JsonNode> Break)
{
    /// <summary>Whether only environments that promise what production does keep it.</summary>
    public bool ForResilient { get; init; }

    /// <summary>Resources that break the rule, by id; the rule's name when it has nothing to look at.</summary>
    public IEnumerable<string> Violations(Snapshot snapshot)
    {
        if (ForResilient && !snapshot.IsResilient) return [];
        var resources = snapshot.All(Type);
        return resources.Count == 0 ? [$"There is no {Type}."] : resources.Where(item => !Holds(item)).Select(item => item["id"]!.GetValue<string>());
    }

    public override string ToString() => Name;
}
