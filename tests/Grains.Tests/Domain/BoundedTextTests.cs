using System.Text;
using System.Text.Json;
using CsCheck;
using DroneDelivery.Storage;

namespace DroneDelivery.Domain;

/// <summary>How long texts are in documents, and how they are cut.</summary>
public sealed class BoundedTextTests
{
    private static readonly GrainStateSerializer Serializer = new();

    private static readonly string[] Pieces = ["漢", "é", "a", "\n", "\u0001", "\"", "😀", "\ud83d", "\ude00", "\ufffd", "\ue000"];

    private static readonly Gen<string> AnyText = Gen.OneOf(Gen.String, Gen.Int[0, Pieces.Length - 1].Array[0, 60].Select(numbers => string.Concat(numbers.Select(number => Pieces[number]))));

    [Theory]
    [InlineData("plain <b>&'+", 12)]
    [InlineData("漢字", 6)]
    [InlineData("😀", 4)]
    [InlineData("a😀\nb", 9)]
    public void State_takes_the_bytes_of_its_text_and_no_escapes(string text, int bytes) =>
        Assert.InRange(Serializer.Serialize(text).ToMemory().Length - 2, bytes - 1, bytes);

    [Fact]
    public void Any_text_is_read_as_it_was_written() => AnyText.Sample(text =>
    {
        var json = Serializer.Serialize(text);
        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), Serializer.Deserialize<string>(json));
        using var document = JsonDocument.Parse(json.ToMemory()); // Valid for any other reader, too.
    });

    [Fact]
    public void Text_is_never_longer_in_a_document_than_was_reckoned() =>
        AnyText.Sample(text => Assert.InRange(Serializer.Serialize(text).ToMemory().Length - 2, 0, text.StoredBytes()));

    [Fact]
    public void Cut_text_fits_and_is_the_beginning_of_what_it_was() => Gen.Select(AnyText, Gen.Int[3, 40]).Sample((text, most) =>
    {
        var cut = text.Cut(most);
        Assert.InRange(cut.StoredBytes(), 0, most);
        if (text.StoredBytes() <= most) Assert.Equal(text, cut);
        else Assert.StartsWith(cut[..^1], text, StringComparison.Ordinal);
        if (cut != text) Assert.False(cut.Length > 1 && char.IsHighSurrogate(cut[^2]) && char.IsLowSurrogate(text[cut.Length - 1]), "It is cut within a character.");
    });

    [Fact]
    public void Nothing_stays_nothing() => Assert.Null(((string?)null).Cut());
}
