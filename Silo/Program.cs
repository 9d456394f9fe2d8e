using DroneDelivery;
using DroneDelivery.Health;
using DroneDelivery.Hosting;
using DroneDelivery.Kubernetes;
using DroneDelivery.Startup;
using DroneDelivery.Storage;
using DroneDelivery.Tls;
using Orleans.Dashboard;

return await Executable.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.Listen(defaultPort: null);
    builder.UseOrleans(silo => silo
        .UseClusterSettings()
        .UseMutualTls()
        .UseHostingMode()
        .UseConfiguredStorage(GrainStores.All, new GrainStateSerializer())
        .AddDroneDeliveryGrains()
        .AddIncomingGrainCallFilter<ClientCalls>()
        .UseNotifications()
        .AddDashboard(dashboard => dashboard.HideTrace = true));

    var app = builder.Build();
    app.MapHealthEndpoints();
    return app;
});
