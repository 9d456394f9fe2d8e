using System.Net;
using DroneDelivery.CommandLine;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.CommandLine;
using DroneDelivery.Processes;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Options_are_read()
    {
        SimulatorOptions? read = null;
        string[] arguments = ["--port", "0", "--data", "some.journal", "--latency", "2.5", "--throughput", "400", "--partitions", "5", "--no-keys", "--entra-issuer", "me",
            "--consistency", "Session", "--regions", "West Europe,North Europe", "--multiple-write-regions", "--replica-lag", "250", "--replica-seed", "3"];

        var code = await SimulatorCommand.InvokeAsync(arguments, TextWriter.Null, (options, _) =>
        {
            read = options;
            return Task.FromResult(7);
        });

        Assert.Equal(7, code);
        Assert.Equal(
            (0, "some.journal", 2.5, 400.0, 5, false, "me"),
            (read!.Port, read.DataFile, read.Latency.TotalMilliseconds, read.Throughput, read.Partitions, read.AllowKeys, read.EntraIssuer));
        Assert.Equal(
            (ConsistencyLevel.Session, "West Europe|North Europe", true, 250.0, 3),
            (read.Consistency, string.Join('|', read.Regions), read.MultipleWriteRegions, read.ReplicaLag.TotalMilliseconds, read.ReplicaSeed));
    }

    [Theory]
    [InlineData("--port must be a whole number between 0 and 65535, not '70000'.", "--port", "70000")]
    [InlineData("--key must be base64 text of at least 16 bytes, not 'short'.", "--key", "short")]
    [InlineData("--partitions must be a whole number between 1 and 100, not '0'.", "--partitions", "0")]
    [InlineData("--latency must be a number between 0 and 60000, not '-1'.", "--latency", "-1")]
    [InlineData("--consistency must be one of Strong, BoundedStaleness, Session, Eventual, ConsistentPrefix, not '1'.", "--consistency", "1")]
    [InlineData("--regions must be names with commas between, not 'a,,b'.", "--regions", "a,,b")]
    [InlineData("--no-keys needs --entra-issuer; otherwise nobody could connect.", "--no-keys")]
    [InlineData("Unrecognized command or argument '--nonsense'.", "--nonsense")]
    public async Task Wrong_use_costs_a_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        using var error = new StringWriter();
        var code = await SimulatorCommand.InvokeAsync(arguments, error, (_, _) => throw new InvalidOperationException("It must not run."));
        Assert.Equal((CheckedCommand.WrongUse, sentence), (code, error.ToString().Trim()));
    }

    [Fact]
    public async Task Executable_says_where_it_is_and_stops_when_asked()
    {
        using var folder = new TemporaryFolder();
        await using var process = new SimulatorProcess(folder.File("cosmos.journal"));
        process.Start();
        await process.WaitUntilReadyAsync(TestContext.Current.CancellationToken);

        await process.StopAsync();
        Assert.Contains($"Cosmos simulator ready at {process.Http.BaseAddress}", process.Output, StringComparison.Ordinal);
        Assert.Empty(process.Errors);
    }

    [Fact]
    public async Task Executable_answers_what_it_was_asked_before_it_stops()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var process = new SimulatorProcess(folder.File("cosmos.journal"));
        process.Start();
        await process.WaitUntilReadyAsync(stop);
        using var slow = await process.Http.PutAsync("/_simulator/faults", new StringContent("""[{"delayMilliseconds":3000}]"""), stop);
        slow.EnsureSuccessStatusCode();

        var asked = process.Http.GetAsync("/dbs/none", stop);
        await Eventually.HoldsAsync("the request is being delayed", async () => await process.Http.GetStringAsync("/_simulator/faults", stop) == "[]", TimeSpan.FromSeconds(10), stop);

        await process.StopAsync();
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Executable_on_a_port_in_use_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var host = await SimulatorHost.StartAsync();
        await using var process = new SimulatorProcess(folder.File("cosmos.journal"), "--port", $"{host.Endpoint.Port}");
        process.Arguments.RemoveRange(0, 2);
        process.Start();

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.Contains($"Port {host.Endpoint.Port} is in use", process.Errors, StringComparison.Ordinal);
    }
}
