using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Security;

namespace DroneDelivery.Gateway.Apis;

/// <summary>All routes of the API.</summary>
internal static class ApiRoutes
{
    private const string Json = "application/json";

    /// <summary>The prefixes under which every route is found too; they mean the same as none.</summary>
    public static readonly string[] Prefixes = ["/v1", "/v0.1.0"];

    /// <summary>Maps every resource under <c>/api</c>.</summary>
    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api").MapProbe();
        var cluster = app.MapGroup("/api")
            .AddEndpointFilter(ConditionalGet.Tag)
            .AddEndpointFilter(app.ServiceProvider.GetRequiredService<ClusterConnection>().Require)
            .ProducesProblem(StatusCodes.Status500InternalServerError)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        cluster.MapShared();
        var api = cluster.MapGroup("").AddEndpointFilter(RouteIds.Check).AddEndpointFilter(app.ServiceProvider.GetRequiredService<AuditLog>().Record)
            .AddEndpointFilter(ConditionalWrites.RefuseWithoutRepresentation);
        ((IEndpointConventionBuilder)api).Add(ConditionalWrites.Document);
        api.MapDeliveryRequests();
        api.MapDeliveries();
        api.MapPackages();
        api.MapDroneDeliveries();
        api.MapDrone();
        api.MapDrones();
        api.MapInvoices();
        api.MapAccounts();
        api.MapWebhooks();
        api.MapOperations();
        api.MapPartners();
        return app;
    }

    /// <summary>Says what the JSON body is; handlers read it as <see cref="JsonBody"/>, which says nothing.</summary>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder route) where T : notnull =>
        route.Accepts<T>(Json, "text/json", "application/merge-patch+json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    /// <summary>A path the client can follow, under the prefix it used.</summary>
    public static string PathTo(this HttpRequest request, string path) => request.PathBase + path;

    /// <summary>A 404 is always a problem, though handlers return it bare.</summary>
    public static RouteHandlerBuilder ProducesNotFound(this RouteHandlerBuilder route) =>
        route.ProducesProblem(StatusCodes.Status404NotFound);
}
