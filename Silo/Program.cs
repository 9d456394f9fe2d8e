using DroneDelivery;
using DroneDelivery.Startup;
using DroneDelivery.Storage;
using Orleans.Dashboard;

return await Executable.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.ListenOnLoopback(defaultPort: 8081);
    builder.UseOrleans(silo => silo
        .UseClusterSettings()
        .UseConfiguredStorage(GrainStores.All, new GrainStateSerializer())
        .AddDroneDeliveryGrains()
        .AddDashboard(dashboard => dashboard.HideTrace = true));

    var app = builder.Build();
    app.MapHealthEndpoints();
    return app;
});
