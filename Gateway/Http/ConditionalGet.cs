using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DroneDelivery.Gateway.Http;

/// <summary>
/// Endpoint filter: answers of GET carry an <c>ETag</c> made of what they say, and whoever has it already gets 304. Private, and to be asked for again each
/// time: what it says is somebody's own and changes by itself.
/// </summary>
internal static class ConditionalGet
{
    private static readonly string CacheControl = new CacheControlHeaderValue { Private = true, NoCache = true }.ToString();

    /// <summary>The filter.</summary>
    public static async ValueTask<object?> Tag(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        if (!HttpMethods.IsGet(context.HttpContext.Request.Method)) return result;

        var inner = result;
        while (inner is INestedHttpResult nested) inner = nested.Result;
        return inner is IValueHttpResult { Value: { } value } and IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK } ? new Tagged(value) : result;
    }

    /// <summary>The tag of a value.</summary>
    public static string TagOf(object value, JsonSerializerOptions json) => TagOf(value, JsonSerializer.SerializeToUtf8Bytes(value, json.GetTypeInfo(value.GetType())));

    /// <summary>Whether the client has what this tag stands for.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var known = request.Headers.IfNoneMatch;
        return known.Count > 0 && EntityTagHeaderValue.TryParseList(known, out var tags)
            && tags.Any(candidate => candidate.Tag == "*" || IsSame(candidate.Tag.Value!, tag));
    }

    /// <summary>Whether two tags, with or without <c>W/</c>, stand for the same content.</summary>
    public static bool IsSame(string one, string other) => ContentIn(one).SequenceEqual(ContentIn(other));

    /// <summary>The version in a tag; null: there is none in it.</summary>
    public static string? VersionIn(string tag) => tag.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? tag[(dot + 1)..].Trim('"') : null;

    // Weak, as compression changes the bytes. The version is for grains, which do not know how a thing is shown.
    private static string TagOf(object value, ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        var content = Base64Url.EncodeToString(hash[..12]);
        return value is IVersioned { Version: { } version } ? $"W/\"{content}.{version}\"" : $"W/\"{content}\"";
    }

    private static ReadOnlySpan<char> ContentIn(string tag)
    {
        var content = tag.AsSpan().TrimStart("W/").Trim('"');
        return content.IndexOf('.') is >= 0 and var dot ? content[..dot] : content;
    }

    private sealed class Tagged(object value) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            var buffer = new ArrayBufferWriter<byte>(512);
            await using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder })) JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));

            var response = httpContext.Response;
            var tag = TagOf(value, buffer.WrittenSpan);
            response.Headers.ETag = tag;
            response.Headers.CacheControl = CacheControl;
            if (IsKnown(httpContext.Request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = buffer.WrittenCount;
            await response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        }
    }
}

/// <summary>What is shown of a thing whose grain knows its version, and can compare it in the turn of a change.</summary>
internal interface IVersioned
{
    /// <summary>The version; null: not known. Stands in the tag, not in the body.</summary>
    string? Version { get; }
}
