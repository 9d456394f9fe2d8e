using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.CommandLine;

return await SimulatorCommand.InvokeAsync(args, Console.Error, SimulatorApplication.RunAsync);
