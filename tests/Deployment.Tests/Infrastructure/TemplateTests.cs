using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>The templates compile without a word of the compiler or the linter, and the snapshots are those of the templates.</summary>
public sealed class TemplateTests
{
    // Azure is not there: ids that are anybody's, and always the same.
    private static readonly string[] Nowhere =
    [
        "--subscription-id", "00000000-0000-0000-0000-0000000000aa", "--tenant-id", "00000000-0000-0000-0000-0000000000bb",
        "--location", "westeurope", "--deployment-name", "drones",
    ];

    public static TheoryData<string> Environments => [.. Snapshot.Environments];

    [Fact]
    public async Task Templates_compile_without_a_word()
    {
        // The linter speaks here too, of every module.
        var built = await Bicep.RunAsync("build", "main.bicep", "--stdout");
        Assert.Equal((0, ""), (built.ExitCode, built.Errors));
    }

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Environments))]
    public async Task Snapshot_of_an_environment_is_that_of_its_templates(string environment)
    {
        var answer = await Bicep.RunAsync(["snapshot", $"environments/{environment}.bicepparam", "--mode", "validate", .. Nowhere]);
        Assert.True(
            answer.ExitCode == 0 && answer.Errors.Length == 0,
            $"Read what changes, then: cd infra && bicep snapshot environments/{environment}.bicepparam {string.Join(' ', Nowhere)}\n{answer.Output}{answer.Errors}");
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("param environment = 'staging'", "param environment = 'production'", "staging")]
    [InlineData("param alertEmails = []", "param alertEmails = ['drones-oncall@example.com']", "minimum")]
    [InlineData("param throughput = { mode: 'dedicated', sharedMaximum: 4000 }", "param throughput = { mode: 'dedicated', sharedMaximum: 4000, dedicatedMaximum: 10000 }", "dedicatedMaximum")]
    [InlineData("param backup = 'Never'", "param backup = 'Continuous30Days'", "Never")]
    [InlineData("", "param monthlyBudget = 12000", "monthlyBudget")]
    public async Task Wrong_parameter_is_named_before_anything_is_made(string wrong, string right, string named)
    {
        var parameters = await File.ReadAllTextAsync(Repository.At("infra", "environments", "production.bicepparam"), TestContext.Current.CancellationToken);
        Assert.Contains(right, parameters);
        var folder = Directory.CreateTempSubdirectory("bicep");
        try
        {
            var file = Path.Combine(folder.FullName, "wrong.bicepparam");
            var main = Path.GetRelativePath(folder.FullName, Repository.At("infra", "main.bicep"));
            await File.WriteAllTextAsync(file, parameters.Replace("'../main.bicep'", $"'{main}'").Replace(right, wrong), TestContext.Current.CancellationToken);
            var answer = await Bicep.RunInAsync(folder.FullName, "build-params", file, "--stdout");
            Assert.Contains(named, answer.Errors);
            Assert.Contains("Error BCP", answer.Errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
