using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Short forms for requests and what is expected of answers.</summary>
internal static class Http
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<(HttpStatusCode Status, JsonNode? Body, HttpResponseMessage Response)> Call(
        this HttpClient http, string method, string path, string? json = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        // A large body waits until it is wanted: a refusal before it was read would break the connection while it is sent.
        request.Headers.ExpectContinue = json?.Length > 64 * 1024 ? true : null;
        var response = await http.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        var isJson = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" or "application/openapi+json";
        return (response.StatusCode, isJson && text.Length > 0 ? JsonNode.Parse(text) : text.Length > 0 ? JsonValue.Create(text) : null, response);
    }

    /// <summary>What a caller with this token gets.</summary>
    public static async Task<HttpStatusCode> StatusWith(this HttpClient http, string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var response = await http.SendAsync(request, Token);
        return response.StatusCode;
    }

    /// <summary>Expects a problem of the right shape and gives it.</summary>
    public static async Task<JsonNode> ExpectProblem(this HttpClient http, int status, string type, string method, string path, string? json = null, string contentType = "application/json")
    {
        var (actual, body, response) = await http.Call(method, path, json, contentType);
        Assert.Equal((HttpStatusCode)status, actual);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"urn:drone-delivery:problem:{type}", (string?)body!["type"]);
        Assert.Equal(status, (int?)body["status"]);
        Assert.NotEmpty((string?)body["title"] ?? "");
        return body;
    }

    /// <summary>Expects a 400 that names the field.</summary>
    public static async Task ExpectFault(this HttpClient http, string field, string method, string path, string? json = null)
    {
        var problem = await http.ExpectProblem(400, "validation", method, path, json);
        var errors = Assert.IsType<JsonObject>(problem["errors"]);
        Assert.True(errors.ContainsKey(field), $"expected a fault of '{field}': {errors.ToJsonString()}");
    }

    /// <summary>A body that is accepted, with a change.</summary>
    public static string Request(Action<JsonObject>? change = null)
    {
        var body = JsonNode.Parse(
            """
            {"confirmationRequired":"None","deadline":"","dropOffLocation":"drop off","expedited":true,"ownerId":"myowner",
             "packageInfo":{"packageId":"mypackage","size":"Small","tag":"mytag","weight":10},"pickupLocation":"my pickup","pickupTime":"2019-05-08T20:00:00.000Z"}
            """)!.AsObject();
        change?.Invoke(body);
        return body.ToJsonString();
    }

    /// <summary>Asks for a delivery and gives its id.</summary>
    public static async Task<string> Order(this HttpClient http, Action<JsonObject>? change = null)
    {
        var (status, body, _) = await http.Call("POST", "/api/deliveryrequests", Request(change));
        Assert.Equal(HttpStatusCode.Accepted, status);
        return (string)body!["deliveryId"]!;
    }

    /// <summary>A registration.</summary>
    public static string Drone(Action<JsonObject>? change = null)
    {
        var body = JsonNode.Parse(
            """
            {"model":"Quad 4","home":{"latitude":47.6,"longitude":-122.1,"altitude":0},
             "capabilities":{"maxPayload":20,"maxSize":"Large","cruiseSpeed":900,"climbSpeed":300,"cruiseAltitude":100,"mass":12,
                             "batteryCapacity":1500,"cruisePower":900,"handlingTime":0.5}}
            """)!.AsObject();
        change?.Invoke(body);
        return body.ToJsonString();
    }

    /// <summary>Registers a drone of a fresh id and gives it.</summary>
    public static async Task<string> NewDrone(this HttpClient http)
    {
        var id = $"drone-{Guid.NewGuid():N}";
        var (status, _, _) = await http.Call("PUT", $"/api/drones/{id}", Drone());
        Assert.Equal(HttpStatusCode.Created, status);
        return id;
    }

    /// <summary>A report.</summary>
    public static string Report(string? droneId = null, long? sequence = 1, string? mission = null, DateTimeOffset? time = null, Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["boot"] = 1,
            ["sequence"] = sequence,
            ["time"] = (time ?? DateTimeOffset.UtcNow).ToString("O"),
            ["position"] = new JsonObject { ["latitude"] = 47.61, ["longitude"] = -122.11, ["altitude"] = 50 },
            ["battery"] = 0.9,
            ["mission"] = mission is null ? null : JsonNode.Parse(mission),
        };
        if (droneId is not null) body["droneId"] = droneId;
        change?.Invoke(body);
        return body.ToJsonString();
    }
}
