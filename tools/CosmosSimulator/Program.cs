using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Hosting;

await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Port = 8081 });
Console.WriteLine($"Ready at {server.Endpoint}");
await Task.Delay(Timeout.Infinite);
return 0;
