using DroneDelivery.FleetSimulator;
using DroneDelivery.FleetSimulator.CommandLine;

return await FleetCommand.InvokeAsync(args, Console.Error, FleetApplication.RunAsync);
