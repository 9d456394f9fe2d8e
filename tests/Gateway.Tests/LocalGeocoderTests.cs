using System.Text;
using DroneDelivery.Gateway.Geocoding;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Tests;

public sealed class LocalGeocoderTests
{
    private static readonly LocalGeocoder Geocoder = new(Options.Create(new ServiceAreaOptions()));

    [Theory]
    [InlineData("\u00E9cole", "e\u0301cole")] // one character, or a letter and an accent
    [InlineData("\u00C9COLE", "e\u0301cole")]
    [InlineData("Vi\u1EC7t", "Vie\u0323\u0302t")]
    [InlineData("Vi\u1EC7t", "Vie\u0302\u0323t")] // the accents the other way round
    [InlineData("\uAC01 \uAC00", "\u1100\u1161\u11A8 \u1100\u1161")] // Korean syllables
    [InlineData("\u212B", "\u00C5")] // Angstrom sign
    [InlineData("\U0002F800", "\u4E3D")] // compatibility ideograph
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")] // beyond the first plane
    [InlineData("  Rue   de l'\u00E9cole ", "rue de l'e\u0301cole")]
    public async Task Address_means_one_point_however_it_is_typed(string typed, string otherwise) => Assert.Equal(await Locate(typed), await Locate(otherwise));

    [Theory]
    [InlineData("\u00E9cole", "ecole")]
    [InlineData("a\u0301\u0300", "a\u0300\u0301")] // accents of one class have an order
    [InlineData("\u00DF", "ss")]
    public async Task Other_addresses_mean_other_points(string one, string other) => Assert.NotEqual(await Locate(one), await Locate(other));

    [Fact]
    public void Decomposed_text_stays_as_it_is() => Assert.All(Enumerable.Range(0, 0x11_0000 / 64), row =>
    {
        var decomposed = CanonicalForms.Decompose(string.Concat(Enumerable.Range(row * 64, 64).Where(Rune.IsValid).Select(point => new Rune(point).ToString())));
        Assert.Equal(decomposed, CanonicalForms.Decompose(decomposed));
    });

    private static async Task<GeoPoint?> Locate(string address) => await Geocoder.Locate(address, TestContext.Current.CancellationToken);
}
