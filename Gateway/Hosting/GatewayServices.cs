using DroneDelivery.Gateway.Apis;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Sharing;
using DroneDelivery.Gateway.Tracking;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.HostFiltering;

namespace DroneDelivery.Gateway.Hosting;

/// <summary>What the gateway needs besides the cluster.</summary>
internal static class GatewayServices
{
    /// <summary>Largest JSON body, bytes; only NDJSON telemetry may be longer.</summary>
    public const long MaxBodyLength = 1024 * 1024;

    /// <summary>Adds authentication and authorization, JSON, problem details, geocoding, draining and the checks of local mode.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        // At its most talkative it writes down what calls carry: addresses, and whatever else clients send.
        builder.Logging.AddFilter("Orleans.OutsideRuntimeClient", LogLevel.Information);
        builder.AddGatewayAuthentication();
        builder.AddGatewayAuthorization();
        builder.AddRateLimits();
        builder.AddHttpManners();
        builder.Services.ConfigureHttpJsonOptions(json => GatewayJson.Configure(json.SerializerOptions));
        builder.Services.AddExceptionHandler<ExceptionToProblem>();
        builder.Services.AddProblemDetails();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddApiDocument();

        builder.Services.AddSingleton<ForeignPages>();
        builder.Services.AddSingleton<WebhookRules>();
        builder.AddGeocoding();
        builder.Services.AddValidated<OrderOptions>(OrderOptions.Section);
        builder.Services.AddSingleton<OrderTimes>();
        builder.Services.AddValidated<DroneDeliveriesOptions>(DroneDeliveriesOptions.Section);

        builder.Services.AddValidated<TrackingOptions>(TrackingOptions.Section);
        builder.Services.AddSingleton<DeliveryWatches>();
        builder.Services.AddSingleton<ShareLinks>();
        builder.Services.AddSingleton<IHttpContextFactory, HiddenLinks>();
        _ = ShareLinks.ReadKey(builder.Configuration);
        builder.Services.AddSingleton(IdempotencySecrets.Read(builder.Configuration));

        builder.Services.AddValidated<DrainOptions>(DrainOptions.Section);
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddValidated<PartnerCallbackOptions>(PartnerCallbackOptions.Section);
        builder.Services.AddSingleton<PartnerSignature>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = TimeSpan.FromSeconds(35);

            // The port opens at once; until a silo is there, requests get 503 and readiness says why.
            host.ServicesStartConcurrently = true;
        });

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyLength;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });

        if (HostingOptions.IsLocal(builder.Configuration))
        {
            // Without authentication, a page on the web must not reach the API under a name of its own that leads to loopback.
            builder.Services.PostConfigure<HostFilteringOptions>(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
            builder.Services.AddStartupCheck<ListeningAddresses>();
        }

        return builder;
    }

    /// <summary>Binds an options class to its section and checks it when the host starts.</summary>
    public static void AddValidated<T>(this IServiceCollection services, string section) where T : class =>
        services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();

    /// <summary>The pipeline in front of the routes.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context =>
            TypedResults.Problem(Problem.OfBareStatus(context.HttpContext.Response.StatusCode)).ExecuteAsync(context.HttpContext));
        app.UseHttpManners();
        app.Use(app.Services.GetRequiredService<Drain>().CloseConnections);
        foreach (var prefix in ApiRoutes.Prefixes) app.UsePathBase(prefix);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseRouting();
        app.Use(HiddenLinks.Show);
        app.UseCors();
        app.Use(app.Services.GetRequiredService<ForeignPages>().Refuse);
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.Use(RequestBody.Refuse);
        app.Use(RequestCoding.Decode);
        return app;
    }
}
