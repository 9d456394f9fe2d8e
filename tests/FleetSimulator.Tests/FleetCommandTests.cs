using DroneDelivery.FleetSimulator.CommandLine;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class FleetCommandTests
{
    [Theory]
    [InlineData("--drones", "0")]
    [InlineData("--drones", "many")]
    [InlineData("--drones", "20001")]
    [InlineData("--speed", "0")]
    [InlineData("--speed", "NaN")]
    [InlineData("--speed", "-1")]
    [InlineData("--seed", "1.5")]
    [InlineData("--interval", "0")]
    [InlineData("--center", "47.64")]
    [InlineData("--center", "91,0")]
    [InlineData("--center", "north,west")]
    [InlineData("--radius", "1")]
    [InlineData("--stations", "0")]
    [InlineData("--gateway", "localhost")]
    [InlineData("--gateway", "ftp://localhost")]
    [InlineData("--state", "/")]
    [InlineData("--id-prefix", "a/b")]
    [InlineData("--id-prefix", "")]
    [InlineData("--token-file", "/nowhere")]
    [InlineData("--token-endpoint", "http://login.example.org/token")]
    [InlineData("--client-id", "only")]
    [InlineData("--unknown", "1")]
    public async Task Wrong_value_costs_one_sentence_that_names_it(string option, string value)
    {
        using var error = new StringWriter();
        var code = await FleetCommand.InvokeAsync([option, value], error, (_, _) => throw new InvalidOperationException("It ran."));
        Assert.Equal(2, code);
        Assert.Contains(option, Assert.Single(error.ToString().Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_value_costs_one_sentence()
    {
        using var error = new StringWriter();
        Assert.Equal(2, await FleetCommand.InvokeAsync(["--drones"], error, (_, _) => Task.FromResult(0)));
        Assert.Single(error.ToString().Trim().Split('\n'));
    }

    [Fact]
    public async Task No_arguments_mean_the_defaults() => Assert.Equal(new FleetOptions(), await ParseAsync());

    [Fact]
    public async Task Arguments_are_taken()
    {
        var options = await ParseAsync(
            "--gateway", "http://gw:1/x", "--drones", "3", "--speed", "1.5", "--seed", "-4", "--interval", "0.5", "--center", "-33.8,-151.2",
            "--radius", "500", "--stations", "2", "--state", "f.json", "--id-prefix", "d_1");
        Assert.Equal(
            new FleetOptions
            {
                Gateway = new Uri("http://gw:1/x"),
                Drones = 3,
                SpeedUp = 1.5,
                Seed = -4,
                Interval = TimeSpan.FromSeconds(0.5),
                Area = new Motion.ServiceArea(new GeoPoint(-33.8, -151.2), 500, 2),
                StateFile = "f.json",
                IdPrefix = "d_1",
            },
            options);
    }

    private static async Task<FleetOptions> ParseAsync(params string[] args)
    {
        FleetOptions? parsed = null;
        using var error = new StringWriter();
        var code = await FleetCommand.InvokeAsync(args, error, (options, _) =>
        {
            parsed = options;
            return Task.FromResult(0);
        });
        Assert.Equal("", error.ToString());
        Assert.Equal(0, code);
        return parsed!;
    }
}
