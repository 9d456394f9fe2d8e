using System.Collections.Frozen;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>The condition of a patch.</summary>
internal static class QueryCondition
{
    private static readonly Evaluator WithoutParameters = new(FrozenDictionary<string, JsonElement>.Empty);

    /// <summary>Whether it holds for an item.</summary>
    /// <param name="text">Such as <c>FROM c WHERE c.a = 1</c>.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="Protocol.RefusedException">The text is wrong.</exception>
    public static bool Holds(string text, JsonElement item) => WithoutParameters.Evaluate(Parser.Condition(text), item).IsTrue();
}
