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
    public static string TagOf(object value, JsonSerializerOptions json) => TagOf(JsonSerializer.SerializeToUtf8Bytes(value, json.GetTypeInfo(value.GetType())));

    /// <summary>Whether the client has what this tag stands for.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var known = request.Headers.IfNoneMatch;
        return known.Count > 0 && EntityTagHeaderValue.TryParseList(known, out var tags)
            && tags.Any(candidate => candidate.Tag == "*" || candidate.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));
    }

    // Weak, as compression changes the bytes.
    private static string TagOf(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return $"W/\"{Base64Url.EncodeToString(hash[..12])}\"";
    }

    private sealed class Tagged(object value) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            var buffer = new ArrayBufferWriter<byte>(512);
            await using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder })) JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));

            var response = httpContext.Response;
            var tag = TagOf(buffer.WrittenSpan);
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
