using DroneDelivery.Processes;

namespace DroneDelivery;

/// <summary>An account that does not guarantee what grains build on stops both executables with one sentence that says what to do.</summary>
[Collection(nameof(Processes))]
public sealed class WrongAccountTests
{
    private static readonly string[] Session = ["--consistency", "Session"];

    [Theory]
    [InlineData("Silo", "has the consistency level Session", "--consistency", "Session")]
    [InlineData("Gateway", "has the consistency level Session", "--consistency", "Session")]
    [InlineData("Silo", "is written to in several regions (a, b)", "--regions", "a,b", "--multiple-write-regions")]
    [InlineData("Gateway", "is written to in several regions (a, b)", "--regions", "a,b", "--multiple-write-regions")]
    public async Task Account_without_the_guarantees_ends_in_one_sentence(string executable, string says, params string[] account)
    {
        await using var store = await CosmosStore.StartAsync(TestContext.Current.CancellationToken, account);
        await using ServiceProcess process = executable is "Silo" ? new SiloProcess(store.Settings) : new GatewayProcess(store.Settings);
        process.Environment["Hosting__Mode"] = "Local"; // Asks for no token.

        process.Start();

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.Contains(says, process.Errors, StringComparison.Ordinal);
        Assert.Contains("run 'az cosmosdb update -g RESOURCE_GROUP -n simulator ", process.Errors, StringComparison.Ordinal);
        Assert.Single(process.Errors.Split('\n'));
    }

    [Fact]
    public async Task Session_starts_with_a_setting_that_says_what_is_given_up()
    {
        await using var store = await CosmosStore.StartAsync(TestContext.Current.CancellationToken, Session);
        await using var silo = new SiloProcess(store.Settings);
        silo.Environment["Hosting__Mode"] = "Local";
        silo.Environment["Storage__Cosmos__AcceptStaleReads"] = "true";

        silo.Start();
        await silo.WaitUntilReadyAsync(TestContext.Current.CancellationToken);

        Assert.Contains("starts with stale reads accepted", silo.Output, StringComparison.Ordinal);
    }
}
