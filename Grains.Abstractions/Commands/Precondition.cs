using System.Security.Cryptography;
using System.Text;

namespace DroneDelivery;

/// <summary>
/// What a caller demands of the version of a grain, decided in the same turn as the change: travels beside the arguments of a call, so that every command can have it.
/// Grains of earlier builds do not look at it.
/// </summary>
/// <param name="Target">The grain that it is about; others that a call leads to do not look at it.</param>
/// <param name="Match">The version must be one of these, or any for <see cref="Any"/>; null: no matter.</param>
/// <param name="NoneMatch">The version must be none of these, or there must be none for <see cref="Any"/>; null: no matter.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Precondition")]
public sealed record Precondition(string Target, IReadOnlyList<string>? Match, IReadOnlyList<string>? NoneMatch)
{
    /// <summary>Stands for any version.</summary>
    public const string Any = "*";

    private const string Key = "precondition";

    /// <summary>Sends it along with the calls that are made from here on.</summary>
    public void Attach() => RequestContext.Set(Key, this);

    /// <summary>What the present call demands of this grain; null: nothing.</summary>
    public static Precondition? Of(GrainId grain) =>
        RequestContext.Get(Key) is Precondition demanded && demanded.Target == grain.ToString() ? demanded : null;

    /// <summary>The refusal of the present call, when it demands another version than the thing has.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="versions">Versions of the thing, one for each way in which it is shown; none when there is no such thing.</param>
    public static CommandResult? Refusal(GrainId grain, params ReadOnlySpan<string> versions) =>
        Of(grain) is { } demanded && !demanded.Holds(versions) ? CommandResult.PreconditionFailed : null;

    /// <summary>Whether a thing of these versions is as demanded.</summary>
    public bool Holds(params ReadOnlySpan<string> versions) =>
        (Match is null || Has(Match, versions)) && (NoneMatch is null || !Has(NoneMatch, versions));

    /// <summary>A version made of what a thing says, for things that count none.</summary>
    /// <param name="kind">Tells it from versions of other things.</param>
    /// <param name="said">What the thing says.</param>
    public static string VersionOf(string kind, params ReadOnlySpan<object?> said)
    {
        var text = new StringBuilder();
        foreach (var part in said) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{part}\n");
        return kind + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private static bool Has(IReadOnlyList<string> wanted, ReadOnlySpan<string> versions)
    {
        foreach (var version in versions)
        {
            if (wanted.Contains(version) || wanted.Contains(Any)) return true;
        }

        return false;
    }
}
