using System.Net;
using DroneDelivery.Erasure;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Operators have an owner's data erased and see how far it is.</summary>
public sealed class ErasureTests(GatewayFixture fixture)
{
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    private string Path => $"/v1/api/operations/erasures/{_owner}";

    [Fact]
    public async Task Erasure_is_begun_once_and_says_how_far_it_is()
    {
        await fixture.Http.ExpectProblem(404, "not-found", "GET", Path);
        for (var times = 0; times < 2; times++)
        {
            var (status, _, response) = await fixture.Http.Call("PUT", Path);
            Assert.Equal((HttpStatusCode.Accepted, Path), (status, response.Headers.Location?.OriginalString));
        }

        var (_, underWay, _) = await fixture.Http.Call("GET", Path);
        Assert.Equal((_owner, "Erasing"), ((string?)underWay!["ownerId"], (string?)underWay["status"]));

        fixture.World.Erasures[_owner] = new ErasureProgress(_owner, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, 7, 0);
        var (_, over, _) = await fixture.Http.Call("GET", Path);
        Assert.Equal(("Erased", 7), ((string?)over!["status"], (int?)over["erased"]));
    }

    [Fact]
    public async Task Erasure_is_refused_while_a_delivery_is_open()
    {
        var (_, accepted, _) = await fixture.Http.Call("POST", "/api/deliveryrequests", Http.Request(body => body["ownerId"] = _owner));
        var id = (string)accepted!["deliveryId"]!;

        var refused = await fixture.Http.ExpectProblem(409, "conflict", "PUT", Path);
        Assert.Contains(id, (string?)refused["detail"], StringComparison.Ordinal);

        await fixture.Http.Call("DELETE", $"/api/deliveryrequests/{id}");
        Assert.Equal(HttpStatusCode.Accepted, (await fixture.Http.Call("PUT", Path)).Status);
    }
}
