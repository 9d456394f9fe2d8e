using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>A partial update: an optional condition and operations that take effect together.</summary>
/// <param name="Condition">A filter such as <c>FROM c WHERE c.a = 1</c>; null for none.</param>
/// <param name="Operations">At most ten.</param>
internal sealed record PatchDocument(string? Condition, IReadOnlyList<PatchStep> Operations)
{
    private const int MaximumOperations = 10;

    /// <summary>Reads the body of a patch request.</summary>
    /// <exception cref="RefusedException">It makes no sense.</exception>
    public static PatchDocument Parse(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("operations", out var operations) || operations.ValueKind != JsonValueKind.Array)
            throw RefusedException.BadRequest("A patch must have an array 'operations'.");

        if (operations.GetArrayLength() is < 1 or > MaximumOperations)
            throw RefusedException.BadRequest($"A patch has 1 to {MaximumOperations} operations, not {operations.GetArrayLength()}.");

        var condition = body.TryGetProperty("condition", out var text) ? text.GetString() : null;
        return new PatchDocument(condition, [.. operations.EnumerateArray().Select(PatchStep.Parse)]);
    }

    /// <summary>The changed document.</summary>
    /// <exception cref="RefusedException">An operation cannot be done on this document.</exception>
    public JsonElement Apply(JsonElement document)
    {
        JsonNode root = JsonObject.Create(document)!;
        foreach (var step in Operations) step.Apply(root);
        return JsonSerializer.SerializeToElement(root);
    }
}
