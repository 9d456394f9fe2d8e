using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Which values of a container's items are indexed: they cost when written, and only they can be ordered by.</summary>
internal sealed class IndexingPolicy
{
    private readonly (string[] Names, bool IsPrefix, bool Included)[] _rules;
    private readonly (string Path, bool Descending)[][] _composites;
    private readonly bool _none;

    private IndexingPolicy((string[] Names, bool IsPrefix, bool Included)[] rules, (string Path, bool Descending)[][] composites, bool none)
    {
        _rules = rules;
        _composites = composites;
        _none = none;
    }

    /// <summary>Reads <c>indexingPolicy</c> of a container's properties; without one everything is indexed.</summary>
    public static IndexingPolicy Parse(JsonElement container)
    {
        if (!container.TryGetProperty("indexingPolicy", out var policy) || policy.ValueKind != JsonValueKind.Object) return new([([], true, true)], [], none: false);

        var none = policy.TryGetProperty("indexingMode", out var mode) && mode.ValueKind == JsonValueKind.String
            && string.Equals(mode.GetString(), "none", StringComparison.OrdinalIgnoreCase);
        var rules = Rules(policy, "includedPaths", included: true).Concat(Rules(policy, "excludedPaths", included: false)).ToArray();
        return new(rules.Length == 0 ? [([], true, true)] : rules, Composites(policy), none);
    }

    /// <summary>Why items cannot be ordered by these paths; null when they can.</summary>
    public string? OrderProblem(IReadOnlyList<(IReadOnlyList<string> Path, bool Descending)> order)
    {
        if (order.Any(part => !(part.Path is ["id" or "_ts"] && !_none) && !Includes(part.Path))) return "The index path corresponding to the specified order-by item is excluded.";
        if (order.Count < 2) return null;

        var wanted = order.Select(part => (Path: "/" + string.Join('/', part.Path), part.Descending)).ToArray();
        return _composites.Any(composite => composite.SequenceEqual(wanted) || composite.Select(part => (part.Path, !part.Descending)).SequenceEqual(wanted))
            ? null : "The order by query does not have a corresponding composite index that it can be served from.";
    }

    /// <summary>Whether the value at a path is indexed; the longest rule that fits decides.</summary>
    public bool Includes(IReadOnlyList<string> path)
    {
        if (_none) return false;
        var decided = false;
        var length = -1;
        foreach (var (names, isPrefix, included) in _rules)
        {
            if (!(isPrefix ? names.Length <= path.Count : names.Length == path.Count) || !names.SequenceEqual(path.Take(names.Length))) continue;
            var precision = names.Length * 2 + (isPrefix ? 0 : 1);
            if (precision > length) (length, decided) = (precision, included);
        }

        return decided;
    }

    /// <summary>How many values of a document are indexed.</summary>
    public int Count(JsonElement document) => _none ? 0 : Count(document, []);

    private int Count(JsonElement value, List<string> path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return value.EnumerateObject().Where(property => path.Count > 0 || property.Name[..Math.Min(1, property.Name.Length)] != "_")
                    .Sum(property => Below(property.Value, path, property.Name));
            case JsonValueKind.Array:
                return value.EnumerateArray().Sum(element => Below(element, path, "[]"));
            default:
                return Includes(path) ? 1 : 0;
        }
    }

    private int Below(JsonElement value, List<string> path, string name)
    {
        path.Add(name);
        var count = Count(value, path);
        path.RemoveAt(path.Count - 1);
        return count;
    }

    private static (string Path, bool Descending)[][] Composites(JsonElement policy) =>
        policy.TryGetProperty("compositeIndexes", out var composites) && composites.ValueKind == JsonValueKind.Array
            ? [.. composites.EnumerateArray().Select(composite => composite.EnumerateArray().Select(part => (
                part.GetProperty("path").GetString()!,
                part.TryGetProperty("order", out var order) && order.ValueEquals("descending"))).ToArray())]
            : [];

    private static IEnumerable<(string[] Names, bool IsPrefix, bool Included)> Rules(JsonElement policy, string property, bool included)
    {
        if (!policy.TryGetProperty(property, out var rules) || rules.ValueKind != JsonValueKind.Array) yield break;
        foreach (var rule in rules.EnumerateArray())
        {
            if (!rule.TryGetProperty("path", out var path) || path.GetString() is not { } text) continue;
            var names = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"')).ToArray();
            var last = names.LastOrDefault();
            yield return (last is "*" or "?" ? names[..^1] : names, last != "?", included);
        }
    }
}
