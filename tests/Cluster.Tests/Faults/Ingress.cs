using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace DroneDelivery.Faults;

/// <summary>
/// Stands before the gateways as an ingress would: looks at their readiness every second, keeps requests from those that are not ready, and gives a
/// request that reached no gateway to another one. What may have reached a gateway is repeated only when that is safe by HTTP.
/// </summary>
internal sealed class Ingress : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Ingress(int port, IReadOnlyList<Uri> gateways)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "gateways", Match = new RouteMatch { Path = "{**all}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "gateways",
                    LoadBalancingPolicy = "RoundRobin",
                    Destinations = gateways.Select((gateway, number) => ($"gateway-{number}", gateway)).ToDictionary(
                        pair => pair.Item1, pair => new DestinationConfig { Address = pair.gateway.ToString() }),
                    HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(60) },
                    HealthCheck = new HealthCheckConfig
                    {
                        AvailableDestinationsPolicy = "HealthyOrPanic",
                        Active = new() { Enabled = true, Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1), Policy = "ConsecutiveFailures", Path = "/health/ready" },
                        Passive = new() { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(2) },
                    },
                },
            ]);
        _app = builder.Build();
        _app.MapReverseProxy(proxy =>
        {
            proxy.Use(TryAnotherAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where clients go.</summary>
    public Uri Address { get; }

    public static async Task<Ingress> StartAsync(int port, IReadOnlyList<Uri> gateways)
    {
        var ingress = new Ingress(port, gateways);
        await ingress._app.StartAsync();
        return ingress;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task TryAnotherAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.EnableBuffering();
        var proxy = context.GetReverseProxyFeature();
        var candidates = proxy.AvailableDestinations;
        await next(context);

        if (context.GetForwarderErrorFeature() is not { } error || context.Response.HasStarted || !MayRepeat(context, error)) return;
        var others = candidates.Where(candidate => candidate != proxy.ProxiedDestination).ToList();
        if (others.Count == 0) return;
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear();
        context.Request.Body.Position = 0;
        proxy.AvailableDestinations = others;
        proxy.ProxiedDestination = null;
        await next(context);
    }

    private static bool MayRepeat(HttpContext context, IForwarderErrorFeature error) =>
        error.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
        || (error.Error is ForwarderError.Request && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsPut(context.Request.Method)));
}
