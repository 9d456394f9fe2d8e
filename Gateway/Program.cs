using DroneDelivery;
using DroneDelivery.Gateway.Apis;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Health;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;
using Orleans.Dashboard;

return await Executable.RunOrExplainAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.Listen(defaultPort: 8080);
    builder.AddClusterClient();
    builder.AddGateway();

    var app = builder.Build();
    app.UseGateway();
    app.MapHealthEndpoints();
    app.MapApi();
    app.MapApiDocument();
    app.MapOrleansDashboard("/dashboard").RequireAuthorization(Policies.Dashboard);
    return app;
});
