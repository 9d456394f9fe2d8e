using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests.Contract;

/// <summary>Writes <c>docs/api.md</c> from the OpenAPI document and the policies of the routes.</summary>
internal static class ApiReference
{
    private static readonly Dictionary<string, string> Who = new()
    {
        ["Deliveries"] = "owners, services, operators",
        ["Reports"] = "drones, ground stations",
        ["Fleet"] = "drones, ground stations, operators",
        ["Operators"] = "operators",
        [""] = "everybody",
    };

    /// <summary>The page.</summary>
    /// <param name="document">The OpenAPI document.</param>
    /// <param name="policyOf">Gives the policy of a route such as <c>GET /api/x</c>; empty: none is needed.</param>
    public static string Write(JsonNode document, Func<string, string> policyOf)
    {
        var page = new StringBuilder();
        page.AppendLine("# HTTP API").AppendLine();
        page.AppendLine("Written by the tests from the code (`GOLDEN_WRITE=1`); do not edit. `/scalar` shows the same live, `docs/openapi.json` is for programs.").AppendLine();
        page.AppendLine((string)document["info"]!["description"]!).AppendLine();
        page.AppendLine("Names in request bodies may be in any case and numbers may be text. A field marked * is required. Outside local mode every call but the public ones brings a bearer");
        page.AppendLine("token of Microsoft Entra ID; what belongs to somebody else is answered 404, like what does not exist. Every route may also answer 401, 403, 429 and 503; the last two");
        page.AppendLine("say in `Retry-After` when to come back. Answers of GET carry an `ETag`; `If-None-Match` gets 304.").AppendLine();
        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => (Path: path.Key, Method: operation.Key.ToUpperInvariant(), Node: operation.Value!)))
            .GroupBy(operation => (string)operation.Node["tags"]![0]!)
            .OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var tag in operations)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"## {tag.Key}").AppendLine();
            page.AppendLine("| call | what it does | for | body | answers |").AppendLine("|---|---|---|---|---|");
            foreach (var (path, method, node) in tag.OrderBy(operation => operation.Path, StringComparer.Ordinal).ThenBy(operation => operation.Method, StringComparer.Ordinal))
            {
                page.AppendLine(CultureInfo.InvariantCulture,
                    $"| `{method} {path}`{Query(node)} | {node["summary"]} | {Who[policyOf($"{method} {path}")]} | {Body(node, document)} | {Answers(node)} |");
            }

            page.AppendLine();
        }

        page.AppendLine("## Bodies").AppendLine();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject().Where(schema => schema.Value!["properties"] is not null).OrderBy(schema => schema.Key, StringComparer.Ordinal))
            page.AppendLine(CultureInfo.InvariantCulture, $"- **{name}**: {Fields(schema!)}");
        return page.ToString().TrimEnd() + "\n";
    }

    private static string Query(JsonNode operation)
    {
        var names = (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] is "query" or "header").Select(parameter => $"`{parameter!["name"]}`").ToList();
        return names.Count == 0 ? "" : $"<br>{string.Join(", ", names)}";
    }

    private static string Body(JsonNode operation, JsonNode document)
    {
        var schema = operation["requestBody"]?["content"]?.AsObject().FirstOrDefault().Value?["schema"];
        if (schema is null) return "";
        return schema["$ref"] is { } reference ? ((string)reference!).Split('/')[^1] : Fields(schema);
    }

    private static string Fields(JsonNode schema)
    {
        var required = (schema["required"]?.AsArray() ?? []).Select(name => (string)name!).ToHashSet();
        return string.Join(", ", (schema["properties"]?.AsObject() ?? []).Select(property => $"`{property.Key}`{(required.Contains(property.Key) ? "*" : "")}"));
    }

    private static string Answers(JsonNode operation) => string.Join(", ", operation["responses"]!.AsObject().Select(answer => answer.Key).Where(status => status is not ("500" or "503")).Order(StringComparer.Ordinal));
}
