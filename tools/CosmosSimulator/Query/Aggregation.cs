using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Aggregates over the items that a filter lets through.</summary>
internal static class Aggregation
{
    /// <summary>Whether a function is an aggregate; its name in capitals.</summary>
    public static bool IsAggregate(string name) => name is "COUNT" or "SUM" or "MIN" or "MAX" or "AVG";

    /// <summary>The value of an aggregate.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Of its argument for each item.</param>
    public static JsonElement Compute(string name, IEnumerable<JsonElement> values)
    {
        var defined = values.Where(Json.IsDefined);
        switch (name)
        {
            case "COUNT":
                return Json.Of((double)defined.Count());
            case "MIN":
                return defined.Aggregate(Json.Undefined, (least, value) => !least.IsDefined() || Json.Compare(value, least) < 0 ? value : least);
            case "MAX":
                return defined.Aggregate(Json.Undefined, (greatest, value) => !greatest.IsDefined() || Json.Compare(value, greatest) > 0 ? value : greatest);
            default:
                // One value that is no number makes the whole sum undefined.
                var list = defined.ToArray();
                if (list.Any(value => value.ValueKind != JsonValueKind.Number)) return Json.Undefined;
                if (name == "SUM") return Json.Of(list.Sum(value => value.GetDouble()));
                return list.Length == 0 ? Json.Undefined : Json.Of(list.Average(value => value.GetDouble()));
        }
    }
}
