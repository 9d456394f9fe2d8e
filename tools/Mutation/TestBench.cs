using System.Diagnostics;

namespace DroneDelivery.Mutation;

/// <summary>A copy of a built test project, in which a mutant takes the place of the assembly that is tested.</summary>
/// <param name="project">The project.</param>
/// <param name="folder">The copy.</param>
internal sealed class TestBench(MutatedProject project, string folder)
{
    // What passes takes about as long as the original; what takes much longer hangs.
    private const int LimitInOriginals = 3;

    private static readonly string[] FastUntilTheFirstFails = ["--filter-not-trait", "Category=Slow", "--stop-on-fail", "on", "--progress", "off", "--no-ansi"];

    private TimeSpan _original;

    /// <summary>Where a mutant has to be written.</summary>
    public string Assembly => Path.Combine(folder, project.Assembly);

    /// <summary>Copies the test project and times its fast tests on the original.</summary>
    /// <exception cref="InvalidOperationException">They fail.</exception>
    public static async Task<TestBench> CreateAsync(string repository, MutatedProject project, int number, CancellationToken cancellationToken)
    {
        // Tests look for executables beside them: by the last two folders, and in the repository around them.
        var folder = Path.Combine(repository, "artifacts", "mutation", $"{project.Tests}-{number}", "Debug", "net10.0");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        CopyFolder(Path.Combine(repository, "tests", project.Tests, "bin", "Debug", "net10.0"), folder);
        var bench = new TestBench(project, folder);
        var start = Stopwatch.GetTimestamp();
        var (code, output) = await Shell.RunAsync(bench.Program, FastUntilTheFirstFails, folder, TimeSpan.FromMinutes(20), cancellationToken);
        if (code is not 0) throw new InvalidOperationException($"The fast tests of {project.Tests} fail without any mutant ({code}):\n{output}");
        bench._original = Stopwatch.GetElapsedTime(start);
        return bench;
    }

    /// <summary>Runs the fast tests on the mutant that was written; says what killed it, or null.</summary>
    public async Task<string?> KillerAsync(CancellationToken cancellationToken)
    {
        var limit = (_original * LimitInOriginals) + TimeSpan.FromSeconds(30);
        var (code, output) = await Shell.RunAsync(Program, FastUntilTheFirstFails, folder, limit, cancellationToken);
        return code switch
        {
            0 => null,
            null => "hung",
            _ => output.Split('\n').FirstOrDefault(line => line.StartsWith("failed ", StringComparison.Ordinal))?.Trim() ?? $"ended with {code}",
        };
    }

    private string Program => Path.Combine(folder, $"DroneDelivery.{project.Tests}");

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from)) CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
