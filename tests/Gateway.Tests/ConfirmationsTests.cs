using System.Net;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Tests.Fakes;

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

    [Theory]
    [InlineData("image/jpeg", "FFD8FFE0")]
    [InlineData("image/png", "89504E470D0A1A0A")]
    [InlineData("image/webp", "52494646 00000000 57454250")]
    [InlineData("image/heic", "00000024 66747970 68656963 00000000 6D696631 68656963")] // an iPhone
    [InlineData("image/heic", "00000020 66747970 6D696631 00000000 6D696631 68656963")] // an Android
    [InlineData("image/heif", "00000018 66747970 6D696631 00000000 6D696631 6D696166")]
    [InlineData("image/avif", "0000001C 66747970 6D696631 00000000 61766966 6D696631")]
    [InlineData("audio/mp4", "0000001C 66747970 4D344120 00000000 4D344120 6D703432")]
    [InlineData("audio/mp4", "00000018 66747970 6D703432 00000000 69736F6D 6D703432 68656963")] // a brand behind the box is none
    [InlineData("audio/mp4", "00000000 66747970 68656963")] // a box without a length
    [InlineData("audio/mp4", "00000018 66747970 68")]
    [InlineData("application/octet-stream", "66747970")]
    [InlineData("application/octet-stream", "")]
    public void Content_is_known_by_its_first_bytes(string mediaType, string hex) =>
        Assert.Equal(mediaType, ConfirmationContent.Of(Convert.ToBase64String(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)))).MediaType);

    [Fact]
    public async Task Picture_of_a_phone_is_taken()
    {
        var id = await _http.Order();
        byte[] photo = [0, 0, 0, 0x18, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8, .. new byte[1_400_000]];

        var (status, body, _) = await _http.Call("POST", $"/api/deliveries/{id}/confirmations", $$"""{"confirmationType":"Picture","confirmationBlob":"{{Convert.ToBase64String(photo)}}"}""");

        Assert.True(status == HttpStatusCode.OK, body?.ToJsonString());
    }

    [Theory]
    [InlineData(1_450_000)] // the body is read
    [InlineData(12_000_000)] // it is received, and left
    public async Task Picture_that_no_document_holds_is_too_large(int bytes)
    {
        var id = await _http.Order();
        var blob = Convert.ToBase64String([0xFF, 0xD8, 0xFF, .. new byte[bytes]]);

        var problem = await _http.ExpectProblem(413, "too-large", "POST", $"/api/deliveries/{id}/confirmations", $$"""{"confirmationType":"Picture","confirmationBlob":"{{blob}}"}""");

        Assert.Contains("1425000 bytes", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Picture", "picture", 204)]
    [InlineData("FingerPrint", "picture", 204)]
    [InlineData("Voice", "voice", 204)]
    [InlineData("Picture", "text", 400)]
    [InlineData("FingerPrint", "text", 400)]
    [InlineData("Voice", "text", 400)]
    [InlineData("Picture", "voice", 400)]
    [InlineData("Voice", "picture", 400)]
    public async Task Drone_hands_in_what_it_took_and_no_text_for_a_picture(string type, string sent, int expected)
    {
        var (drone, id) = await Carried();
        var blob = sent switch { "picture" => Convert.ToBase64String(Picture), "voice" => Convert.ToBase64String(Recording), _ => "yes, it is me" };

        var (status, body, _) = await _http.Call("POST", $"/api/drones/{drone}/deliveries/{id}/confirmations", $$"""{"confirmationType":"{{type}}","confirmationBlob":"{{blob}}"}""");

        Assert.Equal((HttpStatusCode)expected, status);
        if (expected == 400) Assert.NotNull(body!["errors"]!["confirmationBlob"]);
    }

    [Fact]
    public async Task Drone_confirms_no_delivery_of_another_drone()
    {
        var (_, id) = await Carried();
        var another = await _http.NewDrone();

        await _http.ExpectProblem(404, "not-found", "POST", $"/api/drones/{another}/deliveries/{id}/confirmations", """{"confirmationType":"None"}""");
        await _http.ExpectProblem(404, "not-found", "POST", $"/api/drones/{another}/deliveries/nobody-asked-for-it/confirmations", """{"confirmationType":"None"}""");
    }

    private async Task<(string Drone, string Delivery)> Carried()
    {
        var drone = await _http.NewDrone();
        return (drone, await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone));
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
