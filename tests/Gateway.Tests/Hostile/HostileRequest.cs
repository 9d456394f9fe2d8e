using System.Text;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests.Hostile;

/// <summary>Makes requests that nobody sends in good faith, from the OpenAPI document: right at first sight, wrong somewhere. The same seed makes the same ones.</summary>
internal sealed class HostileRequests(JsonNode document, Random random)
{
    private static readonly string[] Texts =
    [
        "", " ", "null", "0", "-1", "a/b", "..", "%2e%2e%2f", "%00", "a%0d%0aSet-Cookie:x", "'; DROP TABLE x;--", "{{7*7}}", "<script>", "ü", "🚁", "\u202e", "x\u0000y", "1e999", "NaN",
        "-Infinity,1,1", "1,2,3,4", ",,", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "0000-00-00", "true", "[]", "{}", "$ref", "__proto__", new('x', 300), new('9', 400),
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1e999", "-0.0", "9223372036854775808", "1.5", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"NaN\"", "\"9999-99-99\"", "[]", "[[]]", "[null]",
        "{}", "{\"latitude\":1e999,\"longitude\":\"x\"}", "{\"latitude\":91,\"longitude\":181}", "\"1,2,3,4\"", "\"\\uD83D\\uDE81\"", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}",
    ];

    private static readonly string[] Headers =
    [
        "If-None-Match: *", "If-None-Match: \"", "If-None-Match: W/\"\",,,", "Prefer: wait=0", "Prefer: wait=99999999999", "Prefer: ;;;=,wait", "Last-Event-ID: -1", "Last-Event-ID: 9999999999999999999",
        "Idempotency-Key: ", "Idempotency-Key: \"", "Idempotency-Key: a\tb", "Accept: application/xml", "Accept-Encoding: gzip;q=x, br, *", "Range: bytes=0-,5-1", "Expect: 200-ok", "Authorization: Bearer x.y.z",
        "X-Forwarded-For: 1.2.3.4, x", "X-Forwarded-Prefix: //evil", "X-HTTP-Method-Override: DELETE", "Origin: null", "Content-Language: x", "traceparent: 00-x-y-z", "tracestate: =,=",
        "Cookie: a=b; c", "Accept-Language: zz-ZZ-zz",
    ];

    private static readonly string[] ContentTypes = ["application/json", "application/json", "application/json", "application/json; charset=utf-7", "application/x-ndjson", "text/json", "text/plain", "application/merge-patch+json", "x", "multipart/form-data; boundary=", ""];

    private readonly List<(string Method, string Path, JsonNode Operation)> _operations =
    [
        .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (operation.Key.ToUpperInvariant(), path.Key, operation.Value!))),
    ];

    /// <summary>The next request.</summary>
    public HttpRequestMessage Next()
    {
        var (method, path, operation) = Pick(_operations);
        while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var start) path = path[..start] + Uri.EscapeDataString(Id()) + path[(path.IndexOf('}', StringComparison.Ordinal) + 1)..];
        var query = (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query" && random.Next(3) > 0)
            .Select(parameter => $"{parameter!["name"]}={Uri.EscapeDataString(Pick(Texts))}").ToList();
        if (random.Next(20) == 0) query.Add(string.Join('&', Enumerable.Repeat("a=b", 1_500)));
        if (random.Next(10) == 0) method = Pick("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X");

        var request = new HttpRequestMessage(new HttpMethod(method), Pick("", "", "", "/v1", "/v0.1.0", "/v1/v1") + path + (query.Count > 0 ? $"?{string.Join('&', query)}" : ""));
        for (var i = random.Next(4); i > 0; i--)
        {
            var header = Pick(Headers).Split(": ", 2);
            request.Headers.TryAddWithoutValidation(header[0], header[1]);
        }

        if (operation["requestBody"] is { } body || random.Next(10) == 0)
        {
            request.Content = new ByteArrayContent(Body(operation["requestBody"]?["content"]?.AsObject().FirstOrDefault().Value?["schema"]));
            if (Pick(ContentTypes) is { Length: > 0 } type) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return request;
    }

    // A few ids, so that requests also meet things that are there.
    private string Id() => random.Next(3) == 0 ? Pick(Texts) is { Length: > 0 } text ? text : "x" : $"hostile-{random.Next(20)}";

    private byte[] Body(JsonNode? schema)
    {
        var json = Value(schema, 0);
        var bytes = Encoding.UTF8.GetBytes(random.Next(12) switch
        {
            0 => json[..random.Next(json.Length)],
            1 => json + json,
            2 => string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200),
            3 => new string('[', 5_000),
            4 => $"{json.TrimEnd('}')},\"x\":\"{new string('x', random.Next(100_000))}\"}}",
            5 => $"[{json}]",
            _ => json,
        });
        if (random.Next(10) == 0 && bytes.Length > 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private string Value(JsonNode? schema, int depth)
    {
        if (schema?["$ref"] is { } reference) schema = ((string)reference!).Split('/').Skip(1).Aggregate(document, (at, name) => at[name]!);
        if (schema is null || depth > 6 || random.Next(8) == 0) return Pick(Values);
        if (schema["enum"] is JsonArray values) return Pick([.. values])?.ToJsonString() ?? "null";
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices) return Value(Pick([.. choices]), depth + 1);
        var type = schema["type"] is JsonArray types ? (string)types[0]! : (string?)schema["type"];
        return type switch
        {
            "object" => $"{{{string.Join(',', (schema["properties"]?.AsObject() ?? []).Where(_ => random.Next(12) > 0).Select(property => $"\"{property.Key}\":{Value(property.Value, depth + 1)}"))}}}",
            "array" => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(schema["items"], depth + 1)))}]",
            "integer" => random.Next(-2, 20).ToString(System.Globalization.CultureInfo.InvariantCulture),
            "number" => (random.NextDouble() * 50).ToString(System.Globalization.CultureInfo.InvariantCulture),
            "boolean" => Pick("true", "false"),
            _ => (string?)schema["format"] == "date-time" ? Pick("\"2030-01-01T00:00:00Z\"", "\"now\"") : JsonValue.Create(Pick("a", "here", Pick(Texts))).ToJsonString(),
        };
    }

    private T Pick<T>(params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
