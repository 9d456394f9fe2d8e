using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace DroneDelivery.Gateway.Geocoding;

/// <summary>
/// Text in Unicode's canonical decomposition (NFD), in which é is one text whether it was typed as one character or as e and an accent. Without ICU, which the
/// images do not hold, <see cref="string.Normalize()"/> returns everything but ASCII as it came.
/// </summary>
internal static class CanonicalForms
{
    // Hangul syllables are arithmetic (Unicode Standard, section 3.12).
    private const int FirstSyllable = 0xAC00;
    private const int Syllables = 11_172;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTrail = 0x11A7;
    private const int Vowels = 21;
    private const int Trails = 28;

    // Below it nothing decomposes and nothing combines.
    private const char FirstComposite = '\u00C0';

    private static readonly Lazy<Tables> Data = new(Load);

    /// <summary>The decomposed text.</summary>
    public static string Decompose(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstComposite - 1))) return text;

        var data = Data.Value;
        var runes = new List<Rune>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (data.Decompositions.TryGetValue(rune.Value, out var parts)) runes.AddRange(parts);
            else if (rune.Value - FirstSyllable is >= 0 and < Syllables and var syllable) AddSyllable(runes, syllable);
            else runes.Add(rune);
        }

        return Ordered(runes, data.Classes);
    }

    private static void AddSyllable(List<Rune> runes, int syllable)
    {
        runes.Add(new(FirstLead + (syllable / (Vowels * Trails))));
        runes.Add(new(FirstVowel + (syllable % (Vowels * Trails) / Trails)));
        if (syllable % Trails is > 0 and var trail) runes.Add(new(FirstTrail + trail));
    }

    // Marks on one letter come in the order of their class; those of one class keep theirs.
    private static string Ordered(List<Rune> runes, FrozenDictionary<int, int> classes)
    {
        var text = new StringBuilder(runes.Count + 8);
        for (var i = 0; i < runes.Count;)
        {
            var end = i;
            while (end < runes.Count && classes.ContainsKey(runes[end].Value)) end++;
            if (end == i) text.Append(runes[i++].ToString());
            else foreach (var mark in runes[i..end].OrderBy(mark => classes[mark.Value])) text.Append(mark.ToString());
            i = Math.Max(i, end);
        }

        return text.ToString();
    }

    private static Tables Load()
    {
        var decompositions = new Dictionary<int, Rune[]>();
        var classes = new Dictionary<int, int>();
        using var stream = typeof(CanonicalForms).Assembly.GetManifestResourceStream(typeof(CanonicalForms), "CanonicalForms.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            foreach (var entry in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (entry.Split('=') is [var composite, var parts])
                {
                    decompositions[Hex(composite)] = [.. parts.Split('+').Select(part => new Rune(Hex(part)))];
                    continue;
                }

                var (range, number) = (entry.Split(':')[0].Split('-'), int.Parse(entry.Split(':')[1], CultureInfo.InvariantCulture));
                for (var point = Hex(range[0]); point <= Hex(range[^1]); point++) classes[point] = number;
            }
        }

        return new(decompositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(FrozenDictionary<int, Rune[]> Decompositions, FrozenDictionary<int, int> Classes);
}
