namespace DroneDelivery.Mutation;

/// <summary>A run.</summary>
/// <param name="Repository">The repository's root.</param>
/// <param name="Projects">The projects to mutate.</param>
/// <param name="Sample">How many mutants to try.</param>
/// <param name="Seed">Chooses them.</param>
/// <param name="Parallel">How many to try at a time.</param>
/// <param name="AtLeast">The share of killed mutants that the run asks for, percent.</param>
/// <param name="Only">Text that file and line of a mutant must contain, as in <c>DroneGrain.cs:12</c>; null for all.</param>
/// <param name="List">Lists the mutants and tries none.</param>
internal sealed record MutationOptions(
    string Repository, IReadOnlyList<MutatedProject> Projects, int Sample, int Seed, int Parallel, int AtLeast, string? Only, bool List);

/// <summary>A project and the tests that must notice its mutants.</summary>
/// <param name="Name">The project, which is a folder of the repository.</param>
/// <param name="Tests">The test project, which is a folder of <c>tests/</c>.</param>
internal sealed record MutatedProject(string Name, string Tests)
{
    /// <summary>Those that can be mutated.</summary>
    public static readonly IReadOnlyList<MutatedProject> All = [new("Grains", "Grains.Tests"), new("Providers.Cosmos", "Cosmos.Tests")];

    /// <summary>The assembly that a mutant replaces.</summary>
    public string Assembly => $"DroneDelivery.{Name}.dll";
}
