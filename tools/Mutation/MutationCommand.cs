using System.CommandLine;
using DroneDelivery.CommandLine;
using static DroneDelivery.CommandLine.CheckedOption;

namespace DroneDelivery.Mutation;

/// <summary>The command line.</summary>
internal static class MutationCommand
{
    private const string AllProjects = "all";

    private static readonly Option<string?> Project = Text(
        "--project", "The project to mutate.", AllProjects, $"{AllProjects} or one of {string.Join(", ", MutatedProject.All.Select(project => project.Name))}",
        text => text == AllProjects || MutatedProject.All.Any(project => project.Name == text));

    private static readonly Option<int?> Sample = Number("--sample", "How many mutants to try.", 30, 1, 100_000);

    private static readonly Option<int?> Seed = Number("--seed", "Chooses them.", 1, 0, int.MaxValue);

    private static readonly Option<int?> Parallel = Number("--parallel", "How many to try at a time.", 1, 1, 64);

    private static readonly Option<int?> AtLeast = Number("--at-least", "Percentage of mutants that the tests must kill; below it the exit code is 1.", 0, 0, 100);

    private static readonly Option<string?> Only = Text(
        "--only", "Only mutants whose file and line contain this, as in DroneGrain.cs:12.", null, "not empty", text => text.Length > 0);

    private static readonly Option<bool> List = new("--list") { Description = "List the mutants and try none." };

    /// <summary>Reads the command line and runs.</summary>
    public static Task<int> InvokeAsync(string[] args)
    {
        var command = new RootCommand("Changes the code in small ways, one at a time, and counts how many of the changes the fast tests notice.")
        {
            Project, Sample, Seed, Parallel, AtLeast, Only, List,
        };
        command.SetAction((result, cancellationToken) => MutationRun.RunAsync(Options(result), Console.Out, cancellationToken));
        return CheckedCommand.InvokeAsync(command, args, Console.Error);
    }

    private static MutationOptions Options(ParseResult result)
    {
        var project = result.GetRequiredValue(Project)!;
        return new(
            Directory.GetCurrentDirectory(),
            [.. MutatedProject.All.Where(candidate => project == AllProjects || candidate.Name == project)],
            result.GetRequiredValue(Sample)!.Value,
            result.GetRequiredValue(Seed)!.Value,
            result.GetRequiredValue(Parallel)!.Value,
            result.GetRequiredValue(AtLeast)!.Value,
            result.GetValue(Only),
            result.GetValue(List));
    }
}
