using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Bodies that come compressed, in another charset, or with a byte order mark.</summary>
public sealed class RequestCodingTests(GatewayFixture gateway)
{
    private const string Orders = "/api/deliveryrequests";
    private const string Telemetry = "/api/drones/telemetry";
    private const string Lines = "application/x-ndjson";
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    private readonly HttpClient _http = gateway.Http;

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("GZIP")]
    [InlineData("identity")]
    [InlineData("")]
    public async Task Compressed_body_is_read(string coding)
    {
        var (status, body, _) = await Send(Orders, Packed(coding, Encoding.UTF8.GetBytes(Http.Request())), "application/json", coding);
        Assert.Equal((HttpStatusCode.Accepted, true), (status, body.Contains("deliveryId", StringComparison.Ordinal)));

        var drone = await _http.NewDrone();
        var lines = string.Join('\n', Enumerable.Range(1, 2_000).Select(n => Http.Report(drone, n)));
        var (taken, answers, _) = await Send(Telemetry, Packed(coding, Encoding.UTF8.GetBytes(lines)), Lines, coding);
        Assert.Equal((HttpStatusCode.OK, 2_000), (taken, answers.Split("Accepted").Length - 1));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("base64")]
    public async Task Unknown_coding_is_refused_and_the_known_ones_are_named(string coding)
    {
        foreach (var (path, type) in new[] { (Orders, "application/json"), (Telemetry, Lines) })
        {
            var (status, body, response) = await Send(path, Encoding.UTF8.GetBytes(Http.Request()), type, coding);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
            Assert.Contains("urn:drone-delivery:problem:unsupported-media-type", body, StringComparison.Ordinal);
            Assert.Equal("gzip, br, deflate", string.Join(", ", response.Headers.GetValues("Accept-Encoding")));
        }
    }

    [Fact]
    public async Task Signed_body_is_taken_as_it_was_sent_or_not_at_all()
    {
        var (status, _, response) = await Send("/api/partners/courier/reports", Packed("gzip", "{}"u8.ToArray()), "application/json", "gzip");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.False(response.Headers.Contains("Accept-Encoding"));
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("UTF-8", true)]
    [InlineData("\"utf-8\"", true)]
    [InlineData("us-ascii", true)]
    [InlineData("utf-16", false)]
    [InlineData("iso-8859-1", false)]
    [InlineData("windows-1252", false)]
    public async Task Charset_is_utf_8(string charset, bool accepted)
    {
        var order = Http.Request(b => b["pickupLocation"] = "M\u00fcnchner Stra\u00dfe");
        var (status, _, _) = await Send(Orders, Encoding.UTF8.GetBytes(order), $"application/json; charset={charset}", "");
        Assert.Equal(accepted ? HttpStatusCode.Accepted : HttpStatusCode.UnsupportedMediaType, status);

        var (telemetry, _, _) = await Send(Telemetry, Encoding.UTF8.GetBytes(Http.Report("nobody")), $"{Lines}; charset={charset}", "");
        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.UnsupportedMediaType, telemetry);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Body_that_is_blown_up_is_refused_before_it_is_large(string coding)
    {
        // A megabyte of blanks, which is no more than a body may have, in a thousand bytes; and more than any body may have.
        foreach (var size in new[] { 1_000_000, 20_000_000 })
        {
            var (status, body, _) = await Send(Orders, Packed(coding, Encoding.ASCII.GetBytes(new string(' ', size) + Http.Request())), "application/json", coding);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Contains("urn:drone-delivery:problem:too-large", body, StringComparison.Ordinal);
        }

        var (lines, _, _) = await Send(Telemetry, Packed(coding, Encoding.ASCII.GetBytes(new string('\n', 20_000_000))), Lines, coding);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, lines);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Body_that_cannot_be_unpacked_is_the_clients_fault(string coding)
    {
        foreach (var (path, type) in new[] { (Orders, "application/json"), (Telemetry, Lines) })
        {
            var (status, body, _) = await Send(path, Encoding.UTF8.GetBytes(Http.Request()), type, coding);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("Content-Encoding", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Byte_order_mark_costs_nothing()
    {
        var (order, _, _) = await Send(Orders, [.. Mark, .. Encoding.UTF8.GetBytes(Http.Request())], "application/json", "");
        Assert.Equal(HttpStatusCode.Accepted, order);

        var drone = await _http.NewDrone();
        var lines = $"{Http.Report(drone, 1)}\n{Http.Report(drone, 2)}\n";
        var (_, answers, _) = await Send(Telemetry, [.. Mark, .. Encoding.UTF8.GetBytes(lines)], Lines, "");
        Assert.Equal(2, answers.Split("Accepted").Length - 1);
        var (_, nothing, _) = await Send(Telemetry, [.. Mark, .. "\n"u8], Lines, "");
        Assert.Equal("", nothing);
    }

    private async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> Send(string path, byte[] body, string contentType, string coding)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        if (coding.Length > 0) content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        var response = await _http.PostAsync(path, content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    private static byte[] Packed(string coding, byte[] plain)
    {
        using var buffer = new MemoryStream();
        using (var packing = Packer(coding, buffer))
        {
            if (packing is null) return plain;
            packing.Write(plain);
        }

        return buffer.ToArray();
    }

    private static Stream? Packer(string coding, Stream to) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "BR" => new BrotliStream(to, CompressionLevel.Fastest, leaveOpen: true),
        "DEFLATE" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
        _ => null,
    };
}
