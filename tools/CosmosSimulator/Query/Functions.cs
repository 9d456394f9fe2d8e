using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>The functions of the query language that are imitated.</summary>
internal static class Functions
{
    /// <summary>Calls a function.</summary>
    /// <exception cref="RefusedException">There is no such function, or it takes other arguments.</exception>
    public static JsonElement Call(string name, IReadOnlyList<JsonElement> arguments)
    {
        JsonElement First() => arguments.Count > 0 ? arguments[0] : throw RefusedException.BadRequest($"The function {name} needs an argument.");
        JsonElement Second() => arguments.Count > 1 ? arguments[1] : throw RefusedException.BadRequest($"The function {name} needs two arguments.");

        return name switch
        {
            "IS_DEFINED" => Json.Of(First().IsDefined()),
            "IS_NULL" => IsKind(First(), JsonValueKind.Null),
            "IS_STRING" => IsKind(First(), JsonValueKind.String),
            "IS_NUMBER" => IsKind(First(), JsonValueKind.Number),
            "IS_BOOL" => IsKind(First(), JsonValueKind.True, JsonValueKind.False),
            "IS_ARRAY" => IsKind(First(), JsonValueKind.Array),
            "IS_OBJECT" => IsKind(First(), JsonValueKind.Object),
            "IS_PRIMITIVE" => IsKind(First(), JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False, JsonValueKind.Null),
            "ARRAY_CONTAINS" => ArrayContains(First(), Second(), arguments.Count > 2 && arguments[2].IsTrue()),
            "ARRAY_LENGTH" => First().ValueKind == JsonValueKind.Array ? Json.Of(First().GetArrayLength()) : Json.Undefined,
            "STARTSWITH" => Texts(First(), Second(), arguments, (text, part, comparison) => text.StartsWith(part, comparison)),
            "ENDSWITH" => Texts(First(), Second(), arguments, (text, part, comparison) => text.EndsWith(part, comparison)),
            "CONTAINS" => Texts(First(), Second(), arguments, (text, part, comparison) => text.Contains(part, comparison)),
            "STRINGEQUALS" => Texts(First(), Second(), arguments, (text, part, comparison) => text.Equals(part, comparison)),
            "LOWER" => Text(First(), text => Json.Of(text.ToLowerInvariant())),
            "UPPER" => Text(First(), text => Json.Of(text.ToUpperInvariant())),
            "LENGTH" => Text(First(), text => Json.Of(text.Length)),
            "ABS" => Number(First(), Math.Abs),
            "FLOOR" => Number(First(), Math.Floor),
            "CEILING" => Number(First(), Math.Ceiling),
            "ROUND" => Number(First(), number => Math.Round(number, MidpointRounding.AwayFromZero)),
            _ => throw RefusedException.NotImitated($"the function {name}"),
        };
    }

    private static JsonElement IsKind(JsonElement value, params ReadOnlySpan<JsonValueKind> kinds) => Json.Of(kinds.Contains(value.ValueKind));

    private static JsonElement ArrayContains(JsonElement array, JsonElement value, bool partly)
    {
        if (array.ValueKind != JsonValueKind.Array || !value.IsDefined()) return Json.Undefined;
        return Json.Of(array.EnumerateArray().Any(element => partly && value.ValueKind == JsonValueKind.Object && element.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().All(wanted => element.TryGetProperty(wanted.Name, out var found) && Json.AreEqual(wanted.Value, found))
            : Json.AreEqual(element, value)));
    }

    private static JsonElement Texts(JsonElement one, JsonElement other, IReadOnlyList<JsonElement> arguments, Func<string, string, StringComparison, bool> test)
    {
        if (one.ValueKind != JsonValueKind.String || other.ValueKind != JsonValueKind.String) return Json.Undefined;
        var anyCase = arguments.Count > 2 && arguments[2].IsTrue();
        return Json.Of(test(one.GetString()!, other.GetString()!, anyCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    }

    private static JsonElement Text(JsonElement value, Func<string, JsonElement> function) =>
        value.ValueKind == JsonValueKind.String ? function(value.GetString()!) : Json.Undefined;

    private static JsonElement Number(JsonElement value, Func<double, double> function) =>
        value.ValueKind == JsonValueKind.Number ? Json.Of(function(value.GetDouble())) : Json.Undefined;
}
