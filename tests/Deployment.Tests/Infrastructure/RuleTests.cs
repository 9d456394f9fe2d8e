using System.Text.RegularExpressions;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>Every environment keeps the rules, and every rule finds out when one is broken.</summary>
public sealed partial class RuleTests
{
    public static TheoryData<string> Names => [.. Rules.All.Select(rule => rule.Name)];

    public static TheoryData<string> Environments => [.. Snapshot.Environments];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rule_is_kept_everywhere_and_finds_what_breaks_it(string name)
    {
        var rule = Rules.All.Single(item => item.Name == name);
        Assert.Empty(Snapshot.Environments.SelectMany(environment => rule.Violations(Snapshot.Read(environment))));

        var broken = Snapshot.Read("production");
        var victim = broken.All(rule.Type)[0];
        rule.Break(victim);
        Assert.Equal([victim["id"]!.GetValue<string>()], rule.Violations(broken));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Resource_that_has_diagnostics_sends_them(string environment)
    {
        var snapshot = Snapshot.Read(environment);
        var scopes = snapshot.All("Microsoft.Insights/diagnosticSettings")
            .Select(item => Regex.Replace(item["id"]!.GetValue<string>(), "/providers/Microsoft.Insights/.*", "")).ToHashSet();
        var silent = snapshot.Resources.Where(item => Rules.WithDiagnostics.Contains(item["type"]!.GetValue<string>()))
            .Select(item => item["id"]!.GetValue<string>()).Where(id => !scopes.Contains(id));
        Assert.Empty(silent);
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Resource_says_to_what_it_belongs(string environment) => Assert.All(
        Snapshot.Read(environment).Resources.Where(item => item["location"] is not null && item["type"]!.GetValue<string>() is not "Microsoft.Authorization/policyAssignments"),
        item => Assert.Equal(("drone-delivery", environment), (item["tags"]!["application"]!.GetValue<string>(), item["tags"]!["environment"]!.GetValue<string>())));

    [Theory]
    [MemberData(nameof(Environments))]
    public void Nothing_hands_out_a_secret(string environment)
    {
        var outputs = Snapshot.Read(environment).Content["outputs"]!.AsObject();
        Assert.NotEmpty(outputs);
        Assert.All(outputs, output => Assert.DoesNotMatch(Secret(), $"{output.Key} {output.Value?.ToJsonString()}"));
        Assert.Matches(Secret(), "key [listKeys('…')]");
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void People_have_rights_as_groups_and_nobody_owns_anything(string environment)
    {
        var assignments = Snapshot.Read(environment).All("Microsoft.Authorization/roleAssignments").Select(item => item["properties"]!).ToList();
        Assert.All(assignments, item => Assert.Contains(item["principalType"]!.GetValue<string>(), new[] { "Group", "ServicePrincipal" }));

        // Owner, Contributor, User Access Administrator.
        string[] tooMuch = ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"];
        Assert.All(assignments, item => Assert.DoesNotContain(tooMuch, role => item["roleDefinitionId"]!.GetValue<string>().EndsWith(role, StringComparison.Ordinal)));
    }

    [GeneratedRegex("list(Keys|Secrets|Credentials)|connectionstring|password|accountkey", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
