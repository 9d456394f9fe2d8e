using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// A request body that is some JSON object. Clients of the earlier services are loose in names and types, so bodies are
/// read field by field instead of being bound to a type; that also lets one answer name every field at fault.
/// </summary>
internal sealed class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    private readonly JsonElement _root;
    private readonly string? _malformed;

    private JsonBody(JsonElement root) => _root = root;

    private JsonBody(string malformed) => _malformed = malformed;

    /// <summary>Binds the body of a request.</summary>
    public static async ValueTask<JsonBody?> BindAsync(HttpContext context)
    {
        try
        {
            var document = await JsonDocument.ParseAsync(context.Request.Body, Options, context.RequestAborted);
            context.Response.RegisterForDispose(document);
            return Of(document.RootElement);
        }
        catch (JsonException exception)
        {
            return new JsonBody(exception);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw RequestBody.Unreadable(exception);
        }
    }

    private JsonBody(JsonException exception) =>
        _malformed = $"is not well-formed JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1})";

    /// <summary>A body read already.</summary>
    public static JsonBody Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(WithoutMark(json), Options);
            return Of(document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            return new JsonBody(exception);
        }
    }

    /// <summary>The same without the byte order mark that some editors put before a text in UTF-8; what is read from a stream is rid of it already.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) => text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;

    private static JsonBody Of(JsonElement root) =>
        root.ValueKind != JsonValueKind.Object ? new JsonBody("must be a JSON object")
        : !IsText(root) ? new JsonBody("contains text that is not valid Unicode")
        : new JsonBody(root);

    /// <summary>Reads the body; false with a problem that names the fields at fault.</summary>
    public bool TryRead<T>(Func<JsonFields, T> read, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ValidationProblem? problem)
        where T : class
    {
        if (TryRead(read, out value, out IDictionary<string, string[]>? errors))
        {
            problem = null;
            return true;
        }

        problem = Problem.Validation(errors);
        return false;
    }

    /// <summary>Reads the body; false with the fields at fault.</summary>
    public bool TryRead<T>(Func<JsonFields, T> read, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out IDictionary<string, string[]>? errors)
        where T : class
    {
        value = null;
        if (_malformed is not null)
        {
            errors = new Dictionary<string, string[]> { ["body"] = [_malformed] };
            return false;
        }

        var found = new FieldErrors();
        var result = read(new JsonFields(_root, "", found));
        if (found.Any)
        {
            errors = found.ToDictionary();
            return false;
        }

        (value, errors) = (result, null);
        return true;
    }

    /// <summary>A hash of the body, whatever its white space.</summary>
    public string Fingerprint() => Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_root)));

    // The parser lets lone surrogates and broken UTF-8 pass; reading such a text throws.
    private static bool IsText(JsonElement element)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    _ = element.GetString();
                    return true;
                case JsonValueKind.Array:
                    return element.EnumerateArray().All(IsText);
                case JsonValueKind.Object:
                    return element.EnumerateObject().All(property => property.Name is not null && IsText(property.Value));
                default:
                    return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
