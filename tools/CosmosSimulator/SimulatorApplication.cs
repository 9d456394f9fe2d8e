using DroneDelivery.CosmosSimulator.Hosting;
using DroneDelivery.CosmosSimulator.Journal;

namespace DroneDelivery.CosmosSimulator;

/// <summary>The executable.</summary>
internal static class SimulatorApplication
{
    /// <summary>Answers until cancelled; the exit code.</summary>
    public static async Task<int> RunAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var server = await SimulatorServer.StartAsync(options, cancellationToken: cancellationToken);
            await Console.Out.WriteLineAsync($"Cosmos simulator ready at {server.Endpoint} ({(options.DataFile is { } file ? $"data in {file}" : "data in memory")})");
            await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            return 0;
        }
        catch (JournalException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        catch (IOException failure) when (failure.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"Port {options.Port} is in use; choose another with --port, or 0 for a free one.");
            return 1;
        }
    }
}
