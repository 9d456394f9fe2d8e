using System.IO.Compression;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace DroneDelivery.Gateway.Http;

/// <summary>
/// Reads bodies that come compressed, as far as they stay within the limit of their route and are not blown up beyond measure; refuses codings and charsets
/// that it cannot read, instead of taking them for something else.
/// </summary>
internal static class RequestCoding
{
    /// <summary>Codings that are understood, for answers that refuse another.</summary>
    public const string Accepted = "gzip, br, deflate";

    /// <summary>How much larger than what was sent a body may become, beyond <see cref="SmallBody"/>. Reports of drones shrink to a tenth, hardly further.</summary>
    private const int LargestRatio = 100;

    /// <summary>Up to here nobody looks at the ratio, bytes.</summary>
    private const long SmallBody = 64 * 1024;

    /// <summary>The middleware; after routing, since each route has a limit of its own, and after authorization, since unpacking costs time.</summary>
    public static async Task Decode(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata is null || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(context);
            return;
        }

        // Routing compares the type with what the route takes, but lets a body without one pass. A route that takes no body overlooks one.
        var takesBody = metadata.GetMetadata<IAcceptsMetadata>() is not null;
        var isTyped = takesBody ? !string.IsNullOrEmpty(request.ContentType) : request.HasJsonContentType();
        if (!isTyped && (takesBody || request.Path.StartsWithSegments("/api")))
        {
            await Refuse(context, Problem.NotJson);
            return;
        }

        if (!takesBody)
        {
            await next(context);
            return;
        }

        if (!IsUtf8(request.ContentType))
        {
            await Refuse(context, "The body must be in UTF-8.");
            return;
        }

        var coding = string.Join(',', request.Headers.ContentEncoding.ToArray()).Trim().ToLowerInvariant();
        if (coding is "" or "identity")
        {
            await next(context);
            return;
        }

        var sent = new CountingStream(request.Body);
        Stream? unpacked = metadata.GetMetadata<TakesBytesAsSent>() is not null ? null : coding switch
        {
            "gzip" or "x-gzip" => new GZipStream(sent, CompressionMode.Decompress, leaveOpen: true),
            "br" => new BrotliStream(sent, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(sent, CompressionMode.Decompress, leaveOpen: true),
            _ => null,
        };
        if (unpacked is null)
        {
            if (metadata.GetMetadata<TakesBytesAsSent>() is null) context.Response.Headers.AcceptEncoding = Accepted;
            await Refuse(context, "The body must not be compressed, or in a coding that this route accepts.");
            return;
        }

        var limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? GatewayServices.MaxBodyLength;
        await using var body = new BoundedStream(unpacked, () => Math.Min(limit, Math.Max(SmallBody, LargestRatio * sent.Count)));
        request.Body = body;
        request.Headers.Remove(HeaderNames.ContentEncoding);
        request.Headers.Remove(HeaderNames.ContentLength);
        await next(context);
    }

    private static bool IsUtf8(string? contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type) || !type.Charset.HasValue
        || HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII" or "";

    private static Task Refuse(HttpContext context, string reason) =>
        TypedResults.Problem(Problem.Details(StatusCodes.Status415UnsupportedMediaType, reason)).ExecuteAsync(context);

    /// <summary>Counts what came over the network.</summary>
    private sealed class CountingStream(Stream inner) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Count += read;
            return read;
        }
    }

    /// <summary>Gives out no more than the limit at the time, and says whose fault a body is that cannot be unpacked.</summary>
    private sealed class BoundedStream(Stream unpacked, Func<long> limit) : ReadOnlyStream
    {
        private long _count;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read;
            try
            {
                read = await unpacked.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
            {
                // Each coding reports broken data by another type.
                throw new BadHttpRequestException("The body is not in the coding that Content-Encoding names.", exception);
            }

            _count += read;
            return _count <= limit() ? read : throw new BadHttpRequestException("The body becomes too large when it is unpacked.", StatusCodes.Status413PayloadTooLarge);
        }

        public override ValueTask DisposeAsync() => unpacked.DisposeAsync();
    }

    private abstract class ReadOnlyStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read without blocking.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>Marks routes whose bodies are taken as they were sent, since a signature is over those bytes.</summary>
internal sealed class TakesBytesAsSent;
