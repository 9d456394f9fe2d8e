using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests.Contract;

/// <summary>
/// What a new OpenAPI document takes away from clients of an older one: routes, answers, fields of answers; and what it newly asks of them: parameters,
/// fields of bodies, narrower values.
/// </summary>
internal static class BreakingChanges
{
    private const string Json = "application/json";

    public static IReadOnlyList<string> Between(JsonNode older, JsonNode newer)
    {
        var found = new List<string>();
        foreach (var (path, methods) in older["paths"]!.AsObject())
        {
            foreach (var (method, before) in methods!.AsObject())
            {
                var route = $"{method.ToUpperInvariant()} {path}";
                if (newer["paths"]?[path]?[method] is not { } after) found.Add($"{route} is gone");
                else CompareOperations(route, before!, after, older, newer, found);
            }
        }

        return found;
    }

    private static void CompareOperations(string route, JsonNode before, JsonNode after, JsonNode older, JsonNode newer, List<string> found)
    {
        var parameters = Parameters(before).ToDictionary(parameter => parameter.Name, parameter => parameter.Node);
        foreach (var (name, node) in Parameters(after))
        {
            if (IsTrue(node["required"]) && !(parameters.TryGetValue(name, out var known) && IsTrue(known["required"]))) found.Add($"{route} newly requires the parameter {name}");
        }

        foreach (var name in parameters.Keys.Except(Parameters(after).Select(parameter => parameter.Name))) found.Add($"{route} takes the parameter {name} no more");

        foreach (var (status, answer) in before["responses"]!.AsObject().Where(answer => answer.Key.StartsWith('2')))
        {
            if (after["responses"]?[status] is not { } still)
            {
                found.Add($"{route} answers {status} no more");
                continue;
            }

            foreach (var (type, content) in answer!["content"]?.AsObject() ?? [])
            {
                if (still["content"]?[type] is not { } same) found.Add($"{route} answers {status} as {type} no more");
                else CompareSchemas($"{route} → {status}", content!["schema"], same["schema"], older, newer, isRequest: false, found, []);
            }
        }

        if (after["requestBody"] is not { } body) return;
        if (before["requestBody"] is not { } old)
        {
            if (IsTrue(body["required"])) found.Add($"{route} newly requires a body");
            return;
        }

        foreach (var type in old["content"]!.AsObject().Select(content => content.Key).Where(type => body["content"]?[type] is null)) found.Add($"{route} takes {type} no more");
        CompareSchemas(route, old["content"]?[Json]?["schema"], body["content"]?[Json]?["schema"], older, newer, isRequest: true, found, []);
    }

    private static void CompareSchemas(
        string where, JsonNode? before, JsonNode? after, JsonNode older, JsonNode newer, bool isRequest, List<string> found, HashSet<string> visited)
    {
        if (before is null || after is null) return;
        if (before["$ref"] is { } reference && !visited.Add((string)reference!)) return;
        (before, after) = (Resolve(before, older), Resolve(after, newer));

        var (oldTypes, newTypes) = (Types(before), Types(after));
        var lost = (isRequest ? oldTypes.Except(newTypes) : newTypes.Except(oldTypes)).ToList();
        if (oldTypes.Count > 0 && newTypes.Count > 0 && lost.Count > 0) found.Add($"{where}: its type was {string.Join('|', oldTypes)} and is {string.Join('|', newTypes)}");
        if (before["enum"] is JsonArray oldValues && after["enum"] is JsonArray newValues)
        {
            var (had, has) = (oldValues.Select(value => value?.ToString()), newValues.Select(value => value?.ToString()));
            foreach (var value in isRequest ? had.Except(has) : []) found.Add($"{where}: the value {value} is taken no more");
        }

        var properties = before["properties"]?.AsObject() ?? [];
        var required = Names(before["required"]);
        foreach (var name in Names(after["required"]).Except(required).Where(_ => isRequest)) found.Add($"{where}.{name} is newly required");
        foreach (var name in required.Except(Names(after["required"])).Where(_ => !isRequest)) found.Add($"{where}.{name} may be missing now");
        foreach (var (name, property) in properties)
        {
            if (after["properties"]?[name] is { } same) CompareSchemas($"{where}.{name}", property, same, older, newer, isRequest, found, visited);
            else found.Add($"{where}.{name} is gone");
        }

        CompareSchemas($"{where}[]", before["items"], after["items"], older, newer, isRequest, found, visited);
    }

    private static IEnumerable<(string Name, JsonNode Node)> Parameters(JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? []).Select(parameter => ($"{parameter!["in"]}:{parameter["name"]}", parameter));

    private static JsonNode Resolve(JsonNode schema, JsonNode document) => schema["$ref"] is { } reference
        ? ((string)reference!).Split('/').Skip(1).Aggregate(document, (at, name) => at[name]!)
        : schema;

    private static List<string> Types(JsonNode schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(type => (string)type!)],
        { } one => [(string)one!],
        null => [],
    };

    private static List<string> Names(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(name => (string)name!)];

    private static bool IsTrue(JsonNode? node) => node is not null && (bool)node;
}
