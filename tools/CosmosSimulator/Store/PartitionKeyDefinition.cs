using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>How a container is partitioned.</summary>
/// <param name="Paths">The names that lead to each component.</param>
/// <param name="Version">1, or 2 for large partition keys.</param>
/// <param name="IsHierarchical">Whether each path is hashed by itself.</param>
internal sealed record PartitionKeyDefinition(IReadOnlyList<string[]> Paths, int Version, bool IsHierarchical)
{
    /// <summary>Whether another definition says the same.</summary>
    public bool IsSameAs(PartitionKeyDefinition other) =>
        Version == other.Version && IsHierarchical == other.IsHierarchical
        && Paths.Select(path => string.Join('/', path)).SequenceEqual(other.Paths.Select(path => string.Join('/', path)));

    /// <summary>Reads <c>partitionKey</c> of a container's properties.</summary>
    /// <exception cref="RefusedException">It makes no sense.</exception>
    public static PartitionKeyDefinition Parse(JsonElement container)
    {
        if (container.ValueKind != JsonValueKind.Object
            || !container.TryGetProperty("partitionKey", out var definition) || definition.ValueKind != JsonValueKind.Object
            || !definition.TryGetProperty("paths", out var paths) || paths.ValueKind != JsonValueKind.Array || paths.GetArrayLength() == 0)
        {
            throw RefusedException.BadRequest("A container needs a partition key with at least one path.");
        }

        var hierarchical = definition.TryGetProperty("kind", out var kind) && kind.ValueEquals("MultiHash");
        var version = definition.TryGetProperty("version", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : 1;
        if (version is not (1 or 2)) throw RefusedException.BadRequest($"The partition key version {version} is invalid; it is 1 or 2.");
        if (paths.GetArrayLength() > 1 && !hierarchical) throw RefusedException.BadRequest("Several partition key paths need the kind MultiHash.");
        return new PartitionKeyDefinition([.. paths.EnumerateArray().Select(ParsePath)], hierarchical ? 2 : version, hierarchical);
    }

    private static string[] ParsePath(JsonElement path)
    {
        var text = path.ValueKind == JsonValueKind.String ? path.GetString()! : "";
        var names = text.Split('/');
        if (names.Length < 2 || names[0].Length > 0 || names.Skip(1).Any(name => name.Length == 0))
            throw RefusedException.BadRequest($"The partition key path '{text}' is invalid; it is like '/tenant'.");

        return [.. names.Skip(1).Select(name => name.Trim('"'))];
    }
}
