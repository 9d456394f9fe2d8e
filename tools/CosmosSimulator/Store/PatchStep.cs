using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>One operation of a patch.</summary>
/// <param name="Operation">Its name: add, set, replace, remove, incr or move.</param>
/// <param name="Path">The names that lead to the value.</param>
/// <param name="Value">The value; undefined for remove and move.</param>
/// <param name="From">Where the value is moved from.</param>
internal sealed record PatchStep(string Operation, string[] Path, JsonElement Value, string[]? From)
{
    private static readonly HashSet<string> Known = ["add", "set", "replace", "remove", "incr", "move"];

    /// <summary>Reads one operation.</summary>
    /// <exception cref="RefusedException">It makes no sense.</exception>
    public static PatchStep Parse(JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object) throw RefusedException.BadRequest("An operation of a patch is a JSON object.");
        var name = TextOf(step, "op")?.ToLowerInvariant() ?? "";
        if (!Known.Contains(name)) throw RefusedException.BadRequest($"The patch operation '{name}' is unknown; it is one of {string.Join(", ", Known)}.");
        var path = ParsePath(TextOf(step, "path"));
        if (path[0] is "id" or "_rid" or "_self" or "_etag" or "_ts") throw RefusedException.BadRequest($"A patch cannot change '{path[0]}'.");
        var hasValue = step.TryGetProperty("value", out var value);
        if (!hasValue && name is not ("remove" or "move")) throw RefusedException.BadRequest($"The patch operation {name} needs a value.");
        return new PatchStep(name, path, value, name == "move" ? ParsePath(TextOf(step, "from")) : null);
    }

    /// <summary>Changes a document.</summary>
    /// <exception cref="RefusedException">It cannot be done on this document.</exception>
    public void Apply(JsonNode root)
    {
        switch (Operation)
        {
            case "add":
                Write(root, Path, Node(Value), insert: true);
                break;
            case "set":
                Write(root, Path, Node(Value), insert: false);
                break;
            case "replace":
                if (!TryRead(root, Path, out _)) throw Missing(Path);
                Write(root, Path, Node(Value), insert: false);
                break;
            case "remove":
                Remove(root, Path);
                break;
            case "incr":
                Write(root, Path, Increment(root), insert: false);
                break;
            case "move":
                if (!TryRead(root, From!, out var moved)) throw Missing(From!);
                Remove(root, From!);
                Write(root, Path, moved?.DeepClone(), insert: true);
                break;
        }
    }

    private JsonNode? Increment(JsonNode root)
    {
        if (Value.ValueKind != JsonValueKind.Number) throw RefusedException.BadRequest("incr needs a number.");
        if (!TryRead(root, Path, out var present)) return Node(Value);
        if (present is not JsonValue number || number.GetValueKind() != JsonValueKind.Number) throw RefusedException.BadRequest($"{Text(Path)} is no number; incr needs one.");
        var element = JsonSerializer.SerializeToElement(number);
        return element.TryGetInt64(out var whole) && Value.TryGetInt64(out var step)
            ? JsonValue.Create(whole + step)
            : JsonValue.Create(element.GetDouble() + Value.GetDouble());
    }

    private static void Write(JsonNode root, string[] path, JsonNode? value, bool insert)
    {
        switch (Parent(root, path))
        {
            case JsonObject owner:
                owner[path[^1]] = value;
                break;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array when insert:
                array.Insert(Index(path, array.Count), value);
                break;
            case JsonArray array:
                array[Index(path, array.Count - 1)] = value;
                break;
            default:
                throw Missing(path);
        }
    }

    private static void Remove(JsonNode root, string[] path)
    {
        switch (Parent(root, path))
        {
            case JsonObject owner when owner.Remove(path[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(Index(path, array.Count - 1));
                break;
            default:
                throw Missing(path);
        }
    }

    private static bool TryRead(JsonNode root, string[] path, out JsonNode? value)
    {
        value = null;
        switch (Parent(root, path))
        {
            case JsonObject owner:
                return owner.TryGetPropertyValue(path[^1], out value);
            case JsonArray array:
                value = array[Index(path, array.Count - 1)];
                return true;
            default:
                return false;
        }
    }

    private static JsonNode? Parent(JsonNode root, string[] path)
    {
        JsonNode? node = root;
        foreach (var name in path[..^1])
        {
            node = node switch
            {
                JsonObject owner => owner[name],
                JsonArray array => array[Index([name], array.Count - 1)],
                _ => null,
            };
        }

        return node;
    }

    private static int Index(string[] path, int greatest) =>
        int.TryParse(path[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= greatest
            ? index : throw RefusedException.BadRequest($"'{path[^1]}' is no index of the array; the greatest is {greatest}.");

    private static string[] ParsePath(string? path) =>
        path is { Length: > 1 } && path[0] == '/'
            ? [.. path[1..].Split('/').Select(name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : throw RefusedException.BadRequest($"The path '{path}' of a patch is invalid; it begins with /.");

    private static string? TextOf(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };

    private static RefusedException Missing(string[] path) => RefusedException.BadRequest($"The path {Text(path)} of the patch does not exist.");

    private static string Text(string[] path) => "/" + string.Join('/', path);
}
