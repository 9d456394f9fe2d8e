using Microsoft.CodeAnalysis;

namespace DroneDelivery.Mutation;

/// <summary>A change of one place in the code.</summary>
/// <param name="Project">Its project.</param>
/// <param name="Tree">The file.</param>
/// <param name="Original">The place.</param>
/// <param name="Replacement">What takes its place; null when it goes.</param>
/// <param name="Kind">What kind of change it is.</param>
internal sealed record Mutant(MutatedProject Project, SyntaxTree Tree, SyntaxNode Original, SyntaxNode? Replacement, string Kind)
{
    private const int Shown = 110;

    /// <summary>File and line.</summary>
    public string Place => $"{Path.GetRelativePath(Environment.CurrentDirectory, Tree.FilePath)}:{Original.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    /// <summary>The change in words.</summary>
    public string Change => Replacement is null ? $"removed {Short(Original)}" : $"{Short(Original)} → {Short(Replacement)}";

    /// <summary>The file with the change.</summary>
    public SyntaxTree Mutated()
    {
        var root = Tree.GetRoot();
        var changed = Replacement is null
            ? root.RemoveNode(Original, SyntaxRemoveOptions.KeepNoTrivia)!
            : root.ReplaceNode(Original, Replacement.WithTriviaFrom(Original));
        return Tree.WithRootAndOptions(changed, Tree.Options);
    }

    private static string Short(SyntaxNode node)
    {
        var text = string.Join(' ', node.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= Shown ? $"`{text}`" : $"`{text.AsSpan(0, Shown)}…`";
    }
}
