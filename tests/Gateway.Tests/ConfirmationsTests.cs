using System.Net;

namespace DroneDelivery.Gateway.Tests;

public class ConfirmationsTests(GatewayFixture gateway)
{
    private static readonly byte[] Picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];
    private static readonly byte[] Recording = [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, 1, 2, 3];

    private readonly HttpClient _http = gateway.Http;

    [Theory]
    [InlineData("Picture", "voice", 400)]
    [InlineData("FingerPrint", "voice", 400)]
    [InlineData("Voice", "picture", 400)]
    [InlineData("Picture", "picture", 200)]
    [InlineData("FingerPrint", "picture", 200)]
    [InlineData("Voice", "voice", 200)]
    [InlineData("Voice", "text", 200)]
    public async Task Blob_that_is_plainly_something_else_is_refused(string type, string sent, int expected)
    {
        var id = await _http.Order();
        var blob = sent switch { "picture" => $"data:image/png;base64,{Convert.ToBase64String(Picture)}", "voice" => Convert.ToBase64String(Recording), _ => "yes, it is me" };

        var (status, body, _) = await _http.Call("POST", $"/api/deliveries/{id}/confirmations", $$"""{"confirmationType":"{{type}}","confirmationBlob":"{{blob}}"}""");

        Assert.Equal((HttpStatusCode)expected, status);
        if (expected == 400) Assert.NotNull(body!["errors"]!["confirmationBlob"]);
    }

    [Fact]
    public async Task Blob_that_is_too_large_is_refused()
    {
        var id = await _http.Order();
        var (status, body, _) = await _http.Call("POST", $"/api/deliveries/{id}/confirmations", $$"""{"confirmationType":"Picture","confirmationBlob":"{{new string('x', 256 * 1024 + 1)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotNull(body!["errors"]!["confirmationBlob"]);
    }

    [Fact]
    public async Task Evidence_is_given_as_the_bytes_that_came_to_be_saved_and_not_cached()
    {
        var id = await _http.Order();
        await _http.ExpectProblem(404, "not-found", "GET", $"/api/deliveries/{id}/confirmation");
        gateway.World.Confirmations[id] = Convert.ToBase64String(Picture);

        using var response = await _http.GetAsync($"/v1/api/deliveries/{id}/confirmation", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("image/png", "attachment"), (response.Content.Headers.ContentType!.MediaType!, response.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal(Picture, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }
}
