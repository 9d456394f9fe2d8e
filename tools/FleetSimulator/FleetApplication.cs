using DroneDelivery.FleetSimulator.Display;
using DroneDelivery.FleetSimulator.Protocol;
using DroneDelivery.FleetSimulator.Station;
using Spectre.Console;

namespace DroneDelivery.FleetSimulator;

/// <summary>Puts the parts together.</summary>
internal static class FleetApplication
{
    /// <summary>Flies until cancelled; the exit code.</summary>
    public static async Task<int> RunAsync(FleetOptions options, CancellationToken cancellationToken)
    {
        using var issuer = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var credentials = options.Credentials is { } application ? new ClientCredentials(application, issuer, TimeProvider.System) : null;
        IAccessTokens? tokens = options.TokenFile is { } file ? new TokenFile(file) : credentials;
        using var http = GatewayClient.CreateHttpClient(options.Gateway, tokens);
        var gateway = new GatewayClient(http);
        try
        {
            if (AnsiConsole.Profile.Out.IsTerminal && !Console.IsOutputRedirected)
            {
                var table = new TableDisplay(AnsiConsole.Console);
                var station = new GroundStation(options, gateway, table, TimeProvider.System);
                await table.RunAsync(() => station.RunAsync(cancellationToken));
            }
            else
            {
                var lines = new LineDisplay(Console.Out);
                var station = new GroundStation(options, gateway, lines, TimeProvider.System);
                await station.RunAsync(cancellationToken);
            }

            return 0;
        }
        catch (StateFileException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }
}
