using System.Text.Json;
using System.Text.RegularExpressions;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Images;

/// <summary>One instruction of a Dockerfile.</summary>
internal sealed record Instruction(string Keyword, string Arguments)
{
    /// <summary>The arguments in their JSON form.</summary>
    public string[] Json => JsonSerializer.Deserialize<string[]>(Arguments)!;
}

/// <summary>One stage of a Dockerfile.</summary>
internal sealed record Stage(string Name, string Base, IReadOnlyList<Instruction> Instructions)
{
    /// <summary>The arguments of its instructions of a kind.</summary>
    public IEnumerable<string> All(string keyword) => Instructions.Where(instruction => instruction.Keyword == keyword).Select(instruction => instruction.Arguments);
}

/// <summary>The Dockerfile of the repository, read into stages.</summary>
internal sealed partial record Dockerfile(IReadOnlyList<Instruction> Before, IReadOnlyList<Stage> Stages)
{
    /// <summary>Reads it.</summary>
    public static Dockerfile Read()
    {
        var text = Continuation().Replace(File.ReadAllText(Repository.At("Dockerfile")), " ");
        var instructions = text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries)).Select(parts => new Instruction(parts[0], parts[1])).ToList();
        var stages = new List<Stage>();
        var before = new List<Instruction>();
        var current = before;
        foreach (var instruction in instructions)
        {
            if (instruction.Keyword != "FROM")
            {
                current.Add(instruction);
                continue;
            }

            var from = From().Match(instruction.Arguments);
            Assert.True(from.Success, instruction.Arguments);
            stages.Add(new(from.Groups["name"].Value, from.Groups["base"].Value, current = []));
        }

        return new(before, stages);
    }

    /// <summary>The stage of a name.</summary>
    public Stage The(string name) => Assert.Single(Stages, stage => stage.Name == name);

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();

    [GeneratedRegex("^(--platform=\\$BUILDPLATFORM )?(?<base>.+) AS (?<name>[a-z-]+)$")]
    private static partial Regex From();
}
