using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DroneDelivery.Deployment.Charts;

/// <summary>
/// YAML to JSON as the Kubernetes API server would take it: an unquoted number is a number, so that a number where text belongs is found;
/// a key given twice is refused.
/// </summary>
internal static class StrictYaml
{
    /// <summary>The documents of a stream that are not empty.</summary>
    /// <exception cref="YamlException">It is not YAML, or a key is given twice.</exception>
    public static IReadOnlyList<JsonNode> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => ToJson(document.RootNode)).OfType<JsonNode>()];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(Key(pair.Key), ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value ?? ""),
        _ => throw new YamlException(node.Start, node.End, $"Unexpected {node.NodeType}."),
    };

    private static string Key(YamlNode node) =>
        node is YamlScalarNode { Value: { } key } ? key : throw new YamlException(node.Start, node.End, "A key that is not text.");

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        // Read as octal by some and as decimal by others.
        _ when text.Length > 1 && text[0] == '0' && text.All(char.IsAsciiDigit) => throw new YamlException($"{text} is ambiguous; write it in decimal or quote it."),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when IsFraction(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    private static bool IsFraction(string text) => text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or 'e' or 'E') && text.Any(char.IsAsciiDigit);
}
