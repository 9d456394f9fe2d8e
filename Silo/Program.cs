using DroneDelivery;
using DroneDelivery.Health;
using DroneDelivery.Hosting;
using DroneDelivery.Kubernetes;
using DroneDelivery.Startup;
using DroneDelivery.Storage;
using Orleans.Dashboard;

return await Executable.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.Listen(defaultPort: null);
    builder.UseOrleans(silo => silo
        .UseClusterSettings()
        .UseHostingMode()
        .UseConfiguredStorage(GrainStores.All, new GrainStateSerializer())
        .AddDroneDeliveryGrains()
        .UseNotifications()
        .AddDashboard(dashboard => dashboard.HideTrace = true));

    var app = builder.Build();
    app.MapHealthEndpoints();
    return app;
});
