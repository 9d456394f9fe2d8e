using System.Text.RegularExpressions;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Images;

/// <summary>What the build of an image gets to see: the files under version control that <c>.dockerignore</c> lets in.</summary>
internal static class BuildContext
{
    /// <summary>Their paths in the repository.</summary>
    public static async Task<IReadOnlyList<string>> FilesAsync()
    {
        var rules = (await File.ReadAllLinesAsync(Repository.At(".dockerignore"))).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (Lets: line[0] == '!', Pattern: Pattern(line.TrimStart('!')))).ToList();
        var tracked = (await Command.RunAsync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"])).OrFail().Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries);

        // The last rule that matches the file, or a folder above it, decides.
        return [.. tracked.Where(file => File.Exists(Repository.At(file)) && rules.LastOrDefault(rule => rule.Pattern.IsMatch(file), (Lets: true, Pattern: null!)).Lets)];
    }

    /// <summary>Copies them into a folder.</summary>
    public static async Task CopyToAsync(string folder)
    {
        foreach (var file in await FilesAsync())
        {
            var target = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Repository.At(file), target);
        }
    }

    private static Regex Pattern(string glob) =>
        new("^" + Regex.Escape(glob).Replace(@"\*\*/", "(.*/)?").Replace(@"\*", "[^/]*") + "(/.*)?$");
}
