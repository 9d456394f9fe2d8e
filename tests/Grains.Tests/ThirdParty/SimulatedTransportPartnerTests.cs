using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.ThirdParty;

/// <summary>The partner that is played for local mode, and the settings that choose between it and a real one.</summary>
public sealed class SimulatedTransportPartnerTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly GeoPoint Pickup = new(47.64, -122.14);

    [Fact]
    public async Task Courier_fetches_drives_and_hands_over()
    {
        var time = new FakeTimeProvider(At);
        var partner = new SimulatedTransportPartner(Options.Create(new ThirdPartyOptions()), time);
        var order = Order(null);
        var seen = new List<PartnerStatus>();
        for (var minute = 0; minute < 30; minute++)
        {
            var report = await partner.Find(order, At, CancellationToken.None);
            if (seen.LastOrDefault() != report!.Status) seen.Add(report.Status);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([PartnerStatus.HeadedToPickup, PartnerStatus.PickedUp, PartnerStatus.Delivered], seen);
        Assert.Equal(PartnerStatus.Delivered, (await partner.Cancel(order, At, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Courier_refuses_what_he_can_not_make_in_time_and_can_be_cancelled_before_pickup()
    {
        var partner = new SimulatedTransportPartner(Options.Create(new ThirdPartyOptions()), new FakeTimeProvider(At));
        Assert.Equal(PartnerStatus.Refused, (await partner.Book(Order(At.AddMinutes(11)), At, CancellationToken.None)).Status);
        Assert.Equal(PartnerStatus.Cancelled, (await partner.Cancel(Order(null), At, CancellationToken.None)).Status);
    }

    [Theory]
    [InlineData("http://partner.example", "ThirdParty:BaseAddress is http://partner.example/; it must begin with https://.")]
    [InlineData("ftp://partner.example", "ThirdParty:BaseAddress is ftp://partner.example/; it must begin with https://.")]
    [InlineData("https://partner.example", null)]
    [InlineData("http://127.0.0.1:8000", null)]
    public void Address_must_be_safe(string address, string? complaint)
    {
        var options = new ThirdPartyOptions { BaseAddress = new Uri(address) };
        Assert.Equal(complaint, options.Validate(new ValidationContext(options)).SingleOrDefault()?.ErrorMessage);
    }

    private static PartnerOrder Order(DateTimeOffset? deadline) =>
        new("d1", 1, new Place(null, Pickup), new Place(null, Pickup.Destination(90, 6_000)), 1, PackageSize.Small, At, deadline);
}
