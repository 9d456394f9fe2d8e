using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace DroneDelivery.Mutation;

/// <summary>A project as the compiler sees it: its files, what generators add, its references.</summary>
internal sealed class ProjectCompilation
{
    private readonly CSharpCompilation _compilation;

    private ProjectCompilation(CSharpCompilation compilation, IReadOnlyList<SyntaxTree> files) => (_compilation, Files) = (compilation, files);

    /// <summary>The files that are written by hand.</summary>
    public IReadOnlyList<SyntaxTree> Files { get; }

    /// <summary>Reads a project that has been built.</summary>
    /// <exception cref="InvalidOperationException">It does not compile here.</exception>
    public static async Task<ProjectCompilation> LoadAsync(string repository, MutatedProject project, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(repository, project.Name);
        string[] ask =
        [
            "build", folder, "--no-restore", "--configuration", "Debug", "-t:Compile", "-getItem:CscCommandLineArgs", "-p:BuildProjectReferences=false",
            "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true", "-p:DesignTimeBuild=true",
            "-p:NonExistentFile=__none__", // As an output of the compiler it makes the target run although all is up to date.
        ];
        var answer = await Shell.OutputAsync("dotnet", ask, repository, cancellationToken);
        using var json = JsonDocument.Parse(answer);
        var arguments = json.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);
        var parsed = CSharpCommandLineParser.Default.Parse(arguments, folder, sdkDirectory: null);

        var parse = parsed.ParseOptions.WithDocumentationMode(DocumentationMode.None);
        var files = new List<SyntaxTree>();
        foreach (var source in parsed.SourceFiles)
        {
            using var stream = File.OpenRead(source.Path);
            files.Add(CSharpSyntaxTree.ParseText(SourceText.From(stream, parsed.Encoding), parse, source.Path, cancellationToken));
        }

        var compilation = CSharpCompilation.Create(
            parsed.CompilationName,
            files,
            parsed.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(reference.Reference, reference.Properties)),
            parsed.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Suppress).WithOptimizationLevel(OptimizationLevel.Debug).WithStrongNameProvider(new DesktopStrongNameProvider()));
        var complete = Generate(compilation, parsed, parse, cancellationToken);
        var faults = complete.GetDiagnostics(cancellationToken).Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error).Take(5).ToList();
        if (faults.Count > 0) throw new InvalidOperationException($"{project.Name} does not compile here: {string.Join("; ", faults)}");
        return new(complete, [.. files.Where(file => !IsGenerated(file.FilePath, folder))]);
    }

    /// <summary>Writes the assembly of a mutant; false when it does not compile.</summary>
    public bool TryEmit(Mutant mutant, string file)
    {
        var mutated = _compilation.ReplaceSyntaxTree(mutant.Tree, mutant.Mutated());
        using var assembly = new MemoryStream();
        if (!mutated.Emit(assembly, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded)).Success) return false;
        File.WriteAllBytes(file, assembly.ToArray());
        return true;
    }

    private static CSharpCompilation Generate(CSharpCompilation compilation, CSharpCommandLineArguments parsed, CSharpParseOptions parse, CancellationToken cancellationToken)
    {
        var loader = new Loader();
        foreach (var reference in parsed.AnalyzerReferences) loader.AddDependencyLocation(reference.FilePath);
        var generators = parsed.AnalyzerReferences.SelectMany(reference => new AnalyzerFileReference(reference.FilePath, loader).GetGenerators(LanguageNames.CSharp));
        var configs = AnalyzerConfigSet.Create(parsed.AnalyzerConfigPaths.Select(path => AnalyzerConfig.Parse(File.ReadAllText(path), path)).ToList());
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            generators, [.. parsed.AdditionalFiles.Select(file => new AdditionalFile(file.Path))], parse, new Options(configs));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var complete, out _, cancellationToken);
        return (CSharpCompilation)complete;
    }

    private static bool IsGenerated(string path, string folder) => Path.GetRelativePath(folder, path) is var inside
        && (inside.StartsWith("obj", StringComparison.Ordinal) || inside.StartsWith("..", StringComparison.Ordinal));

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        private readonly Dictionary<string, string> _paths = new(StringComparer.OrdinalIgnoreCase);

        public Loader() => System.Runtime.Loader.AssemblyLoadContext.Default.Resolving += (context, name) =>
            _paths.TryGetValue(name.Name!, out var path) ? context.LoadFromAssemblyPath(path) : null;

        public void AddDependencyLocation(string fullPath) => _paths[Path.GetFileNameWithoutExtension(fullPath)] = fullPath;

        public Assembly LoadFromPath(string fullPath) => System.Runtime.Loader.AssemblyLoadContext.Default.LoadFromAssemblyPath(fullPath);
    }

    private sealed class AdditionalFile(string path) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(File.ReadAllText(path));
    }

    private sealed class Options(AnalyzerConfigSet configs) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(configs.GlobalConfigOptions.AnalyzerOptions);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Values(configs.GetOptionsForSourcePath(tree.FilePath).AnalyzerOptions);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Values(configs.GetOptionsForSourcePath(textFile.Path).AnalyzerOptions);
    }

    private sealed class Values(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
    }
}
