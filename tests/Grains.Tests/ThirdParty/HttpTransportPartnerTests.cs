using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace DroneDelivery.ThirdParty;

/// <summary>The client of a partner's API, against a real server that misbehaves.</summary>
public sealed class HttpTransportPartnerTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly PartnerOrder Order = new(
        "d:1", 2, new Place("my pickup", new GeoPoint(47.64, -122.14)), new Place(null, new GeoPoint(47.65, -122.15)), 2.5, PackageSize.Medium, At, At.AddHours(1));

    [Fact]
    public async Task Order_is_put_under_its_delivery_and_attempt()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = Json(new { status = "accepted", pickupEta = At, deliveryEta = At.AddMinutes(20), position = new { latitude = 47.6, longitude = -122.1 } });

        var report = await partner.Client(("ApiKey", "secret")).Book(Order, At, Cancellation);

        Assert.Equal((PartnerStatus.Accepted, At.AddMinutes(20), new GeoPoint(47.6, -122.1)), (report.Status, report.DeliveryEta, report.Position));
        var (method, path, body, key) = Assert.Single(partner.Calls);
        Assert.Equal(("PUT", "/v2/orders/d:1/2", "Bearer secret"), (method, path, key));
        var sent = JsonNode.Parse(body)!;
        Assert.Equal((47.64, "medium", 2.5), ((double)sent["pickup"]!["location"]!["latitude"]!, (string)sent["size"]!, (double)sent["weight"]!));
    }

    [Fact]
    public async Task Order_whose_answer_got_lost_is_put_again_under_the_same_name()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context =>
        {
            if (partner.Calls.Count == 1) context.Abort();
            return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : Json(new { status = "asked" })(context);
        };

        Assert.Equal(PartnerStatus.Asked, (await partner.Client().Book(Order, At, Cancellation)).Status);
        Assert.Equal(2, partner.Calls.Count);
        Assert.Single(partner.Calls.Select(call => (call.Method, call.Path, call.Body)).Distinct());
    }

    [Fact]
    public async Task Partner_that_hangs_once_is_asked_again()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => partner.Calls.Count == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Json(new { status = "asked" })(context);
        Assert.Equal(PartnerStatus.Asked, (await partner.Client(("TryTimeout", "00:00:00.4")).Book(Order, At, Cancellation)).Status);
    }

    [Fact]
    public async Task Partner_that_always_hangs_holds_nobody_up_for_longer_than_a_call_may_take()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var client = partner.Client(("TryTimeout", "00:00:00.4"), ("CallTimeout", "00:00:02"));

        // The partner never answers: that the call ends at all is the work of its time-outs.
        await Assert.ThrowsAsync<PartnerException>(() => client.Book(Order, At, Cancellation));
        Assert.InRange(partner.Calls.Count, 1, 4);
    }

    [Fact]
    public async Task Partner_that_is_not_there_is_an_error_that_says_so()
    {
        var partner = await StubPartner.Start();
        var client = partner.Client();
        await using (partner)
        {
            partner.Answer = Json(new { status = "asked" });
            await client.Book(Order, At, Cancellation);
        }

        await using var other = await StubPartner.Start();
        var lost = other.Client(("BaseAddress", "http://127.0.0.1:1/"));
        var failure = await Assert.ThrowsAsync<PartnerException>(() => lost.Find(Order, At, Cancellation));
        Assert.StartsWith("The partner could not be asked about d:1, attempt 2: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_carries_its_reason()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => Results.Problem("We do not serve this place.", statusCode: 422).ExecuteAsync(context);
        var report = await partner.Client().Book(Order, At, Cancellation);
        Assert.Equal((PartnerStatus.Refused, "We do not serve this place."), (report.Status, report.Reason));
        Assert.Single(partner.Calls);
    }

    [Fact]
    public async Task Order_that_was_cancelled_before_it_arrived_stays_cancelled()
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => Results.StatusCode(409).ExecuteAsync(context);
        Assert.Equal(PartnerStatus.Cancelled, (await partner.Client().Book(Order, At, Cancellation)).Status);
    }

    [Theory]
    [InlineData("""{"status":"accepted"}""")]
    [InlineData("""{"status":"elsewhere"}""")]
    [InlineData("""{"state":"accepted"}""")]
    [InlineData("""{"status":3}""")]
    [InlineData("""{"status":"pickedUp","position":{"latitude":91,"longitude":0}}""")]
    [InlineData("null")]
    [InlineData("<html>")]
    public async Task Answer_that_is_not_understood_decides_nothing(string body)
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => Results.Text(body, "application/json").ExecuteAsync(context);
        await Assert.ThrowsAsync<PartnerException>(() => partner.Client().Book(Order, At, Cancellation));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Error_decides_nothing(int status)
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => Results.StatusCode(status).ExecuteAsync(context);
        await Assert.ThrowsAsync<PartnerException>(() => partner.Client().Book(Order, At, Cancellation));
        Assert.Equal(status < 500 ? 1 : 3, partner.Calls.Count);
    }

    [Fact]
    public async Task Order_that_the_partner_does_not_know_is_none()
    {
        await using var partner = await StubPartner.Start();
        Assert.Null(await partner.Client().Find(Order, At, Cancellation));
    }

    [Theory]
    [InlineData(200, "cancelled", PartnerStatus.Cancelled)]
    [InlineData(409, "pickedUp", PartnerStatus.PickedUp)]
    [InlineData(204, null, PartnerStatus.Cancelled)]
    public async Task Cancellation_is_answered_with_what_stands(int status, string? says, PartnerStatus expected)
    {
        await using var partner = await StubPartner.Start();
        partner.Answer = context => says is null ? Results.NoContent().ExecuteAsync(context) : Results.Json(new { status = says }, statusCode: status).ExecuteAsync(context);
        Assert.Equal(expected, (await partner.Client().Cancel(Order, At, Cancellation)).Status);
        Assert.Equal("DELETE", Assert.Single(partner.Calls).Method);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Func<HttpContext, Task> Json(object body) => context => Results.Json(body).ExecuteAsync(context);
}
