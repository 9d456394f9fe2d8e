using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace DroneDelivery.Mutation;

/// <summary>Tries a sample of mutants and reports what became of them.</summary>
internal static class MutationRun
{
    /// <summary>Runs; the exit code is 1 when fewer were killed than asked for.</summary>
    public static async Task<int> RunAsync(MutationOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var compilations = new Dictionary<MutatedProject, ProjectCompilation>();
        foreach (var project in options.Projects) compilations[project] = await ProjectCompilation.LoadAsync(options.Repository, project, cancellationToken);
        var mutants = compilations
            .SelectMany(entry => entry.Value.Files.SelectMany(file => Mutator.Mutants(entry.Key, file)))
            .Where(mutant => options.Only is null || mutant.Place.Contains(options.Only, StringComparison.Ordinal))
            .ToArray();
        new Random(options.Seed).Shuffle(mutants);
        await output.WriteLineAsync($"{mutants.Length} mutants in {string.Join(" and ", options.Projects.Select(project => project.Name))}");
        if (options.List)
        {
            foreach (var mutant in mutants.Take(options.Sample)) await output.WriteLineAsync($"{mutant.Place}  {mutant.Kind}  {mutant.Change}");
            return 0;
        }

        var results = await TryAsync(options, compilations, mutants, output, cancellationToken);
        return await ReportAsync(options, results, output, cancellationToken);
    }

    private static async Task<IReadOnlyList<Result>> TryAsync(
        MutationOptions options, Dictionary<MutatedProject, ProjectCompilation> compilations, IReadOnlyList<Mutant> mutants, TextWriter output, CancellationToken cancellationToken)
    {
        var next = new ConcurrentQueue<Mutant>(mutants);
        var results = new List<Result>();
        var benches = new List<Dictionary<MutatedProject, TestBench>>();
        for (var number = 0; number < options.Parallel; number++)
        {
            var own = new Dictionary<MutatedProject, TestBench>();
            foreach (var project in options.Projects) own[project] = await TestBench.CreateAsync(options.Repository, project, number, cancellationToken);
            benches.Add(own);
        }

        // One that does not compile makes room for the next, so that the sample keeps its size.
        var left = options.Sample;
        await Task.WhenAll(benches.Select(own => Task.Run(() => TryOnAsync(own), cancellationToken)));
        return results;

        async Task TryOnAsync(Dictionary<MutatedProject, TestBench> own)
        {
            while (Interlocked.Decrement(ref left) >= 0 && next.TryDequeue(out var mutant))
            {
                var bench = own[mutant.Project];
                if (!compilations[mutant.Project].TryEmit(mutant, bench.Assembly))
                {
                    Interlocked.Increment(ref left);
                    continue;
                }

                var start = Stopwatch.GetTimestamp();
                var result = new Result(mutant, await bench.KillerAsync(cancellationToken), Stopwatch.GetElapsedTime(start));
                lock (results)
                {
                    results.Add(result);
                    output.WriteLine($"{results.Count,4}  {result}");
                }
            }
        }
    }

    private static async Task<int> ReportAsync(MutationOptions options, IReadOnlyList<Result> results, TextWriter output, CancellationToken cancellationToken)
    {
        var killed = results.Count(result => result.Killer is not null);
        var share = results.Count is 0 ? 100 : 100.0 * killed / results.Count;
        var summary = string.Create(CultureInfo.InvariantCulture, $"{killed} of {results.Count} mutants killed ({share:0.0} %), seed {options.Seed}");
        var report = new StringBuilder($"# {summary}\n\n| what became of it | s | kind | where | mutation | first test that failed |\n|---|---|---|---|---|---|\n");
        foreach (var result in results.OrderBy(result => result.Killer is not null).ThenBy(result => result.Mutant.Place, StringComparer.Ordinal))
        {
            report.Append(CultureInfo.InvariantCulture, $"| {(result.Killer is null ? "**survived**" : "killed")} | {result.Time.TotalSeconds:0} | {result.Mutant.Kind} | {result.Mutant.Place} ");
            report.Append(CultureInfo.InvariantCulture, $"| {result.Mutant.Change.Replace("|", "\\|", StringComparison.Ordinal)} | {result.Killer} |\n");
        }

        var file = Path.Combine(options.Repository, "artifacts", "mutation", "report.md");
        await File.WriteAllTextAsync(file, report.ToString(), cancellationToken);
        await output.WriteLineAsync($"{summary}; the table is in {Path.GetRelativePath(options.Repository, file)}");
        return share >= options.AtLeast ? 0 : 1;
    }

    private sealed record Result(Mutant Mutant, string? Killer, TimeSpan Time)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{(Killer is null ? "SURVIVED" : "killed  ")} {Time.TotalSeconds,4:0} s  {Mutant.Place}  {Mutant.Kind}  {Mutant.Change}{(Killer is null ? "" : $"  by {Killer}")}");
    }
}
