using System.Text.RegularExpressions;
using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Application;

/// <summary>The ways in from outside.</summary>
public sealed class RoutingTests
{
    private const string Nginx = "nginx.ingress.kubernetes.io/";

    // What a request outside meets inside; null where it must not arrive.
    public static TheoryData<string, string?> Paths => new()
    {
        { "/", "/" },
        { "/index.html", "/index.html" },
        { "/api/deliveryrequests", "/api/deliveryrequests" },
        { "/v0.1.0/api/deliveries/1/status", "/v0.1.0/api/deliveries/1/status" },
        { "/v1/api/probe", "/v1/api/probe" },
        { "/openapi/v1.json", "/openapi/v1.json" },
        { "/scalar", "/scalar" },
        { "/dashboard", null },
        { "/dashboard/", null },
        { "/v1/dashboard", null },
        { "/v0.1.0/dashboard", null },
        { "/health/ready", null },
        { "/apidashboard", null },
        { "/v0a1b0/api/probe", null },
    };

    [Theory, MemberData(nameof(Paths))]
    public async Task Ingress_lets_in_what_is_public_and_nothing_else(string path, string? inside) =>
        Assert.Equal(inside, Follow((await Scenario.Application("azure").RenderAsync()).The<V1Ingress>("gateway"), path));

    [Theory, MemberData(nameof(Paths))]
    public async Task Ingress_takes_the_prefix_away_and_tells_it(string path, string? inside)
    {
        var ingress = (await Scenario.Application("complete").RenderAsync()).The<V1Ingress>("gateway");
        Assert.Equal("/fleet/drones", ingress.Metadata.Annotations[Nginx + "x-forwarded-prefix"]);
        Assert.Equal(inside, Follow(ingress, "/fleet/drones" + path));
        Assert.Null(Follow(ingress, path));
        Assert.Null(Follow(ingress, "/other/fleet/drones" + path));
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task HttpRoute_takes_the_prefix_away_and_tells_it(string path, string? inside)
    {
        var route = (await Scenario.Application("httproute").RenderAsync()).The<HttpRoute>("gateway");
        Assert.Equal(["drones.contoso.com"], route.Spec.Hostnames);
        Assert.Equal(new HttpRoute.ParentRef("public", "gateways", "https"), Assert.Single(route.Spec.ParentRefs));
        Assert.Equal(inside, Follow(route, "/drones" + path));
        Assert.Null(Follow(route, path));
        Assert.All(route.Spec.Rules, rule => Assert.Equal(
            new HttpRoute.Header("X-Forwarded-Prefix", "/drones"),
            Assert.Single(Assert.Single(rule.Filters!, filter => filter.Type is HttpRoute.FilterType.RequestHeaderModifier).RequestHeaderModifier!.Set)));
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task HttpRoute_without_prefix_rewrites_nothing(string path, string? inside)
    {
        var route = (await Scenario.Application("httproute").RenderAsync("{\"httpRoute\":{\"pathPrefix\":\"\"}}")).The<HttpRoute>("gateway");
        Assert.All(route.Spec.Rules, rule => Assert.Null(rule.Filters));
        Assert.Equal(inside, Follow(route, path));
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Ingress_ends_TLS_for_its_host(string scenario) => Assert.All((await Scenario.Application(scenario).RenderAsync()).All<V1Ingress>(), ingress =>
    {
        Assert.Equal("webapprouting.kubernetes.azure.com", ingress.Spec.IngressClassName);
        Assert.Equal("true", ingress.Metadata.Annotations[Nginx + "ssl-redirect"]);
        Assert.Equal(Assert.Single(ingress.Spec.Rules).Host, Assert.Single(Assert.Single(ingress.Spec.Tls).Hosts));
        Assert.NotEmpty(ingress.Spec.Tls[0].SecretName);
    });

    [Fact]
    public async Task Certificate_comes_from_the_vault_or_a_Secret()
    {
        var vault = (await Scenario.Application("azure").RenderAsync()).The<V1Ingress>("gateway");
        Assert.Equal("https://contoso.vault.azure.net/certificates/drones", vault.Metadata.Annotations["kubernetes.azure.com/tls-cert-keyvault-uri"]);
        Assert.Equal($"keyvault-{vault.Metadata.Name}", vault.Spec.Tls[0].SecretName);

        var secret = (await Scenario.Application("complete").RenderAsync()).The<V1Ingress>("gateway");
        Assert.Equal("drones-tls", secret.Spec.Tls[0].SecretName);
        Assert.DoesNotContain("kubernetes.azure.com/tls-cert-keyvault-uri", secret.Metadata.Annotations.Keys);
    }

    [Fact]
    public async Task Ingress_limits_bodies_rates_and_connections()
    {
        var annotations = (await Scenario.Application("complete").RenderAsync()).The<V1Ingress>("gateway").Metadata.Annotations;
        Assert.Equal("64m", annotations[Nginx + "proxy-body-size"]);
        Assert.Equal("50", annotations[Nginx + "limit-rps"]);
        Assert.Equal("5", annotations[Nginx + "limit-burst-multiplier"]);
        Assert.Equal("100", annotations[Nginx + "limit-connections"]);
        Assert.Equal("false", annotations[Nginx + "enable-access-log"]);

        var settings = (await Scenario.Application("complete").RenderAsync()).The<V1ConfigMap>("gateway").Data;
        Assert.Equal("10.240.0.0/16", settings["Http__ProxyNetworks__0"]);
        Assert.Equal("https://shop.contoso.com", settings["Http__AllowedOrigins__0"]);

        // It would believe everybody, before the gateway's own rule is asked.
        Assert.DoesNotContain("ASPNETCORE_FORWARDEDHEADERS_ENABLED", settings.Keys);
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Routes_lead_to_the_gateway(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        var service = rendering.The<V1Service>("gateway");
        Assert.All(rendering.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths), path =>
        {
            Assert.Equal(service.Metadata.Name, path.Backend.Service.Name);
            Assert.Contains(path.Backend.Service.Port.Name, service.Spec.Ports.Select(port => port.Name));
        });
        Assert.All(rendering.All<HttpRoute>().SelectMany(route => route.Spec.Rules).SelectMany(rule => rule.BackendRefs), backend =>
        {
            Assert.Equal(service.Metadata.Name, backend.Name);
            Assert.Contains(backend.Port, service.Spec.Ports.Select(port => port.Port));
        });
        Assert.Equal(scenario is "trial" or "httproute" ? 0 : 1, rendering.All<V1Ingress>().Count(ingress => ingress.Metadata.Name == service.Metadata.Name));
    }

    [Fact]
    public async Task Dashboard_is_closed_unless_operators_want_it()
    {
        var closed = await Scenario.Application("azure").RenderAsync();
        Assert.DoesNotContain(closed.Objects, item => item.Metadata.Labels[Labels.Component] == "dashboard");

        var ingress = (await Scenario.Application("dashboard").RenderAsync()).The<V1Ingress>("dashboard");
        Assert.Equal("203.0.113.0/24,198.51.100.7/32", ingress.Metadata.Annotations[Nginx + "whitelist-source-range"]);
        Assert.Equal("operators.contoso.com", ingress.Spec.Rules[0].Host);
        Assert.Equal("/dashboard", Follow(ingress, "/dashboard"));
        Assert.Null(Follow(ingress, "/api/probe"));

        var route = (await Scenario.Application("httproute").RenderAsync()).The<HttpRoute>("dashboard");
        Assert.Equal("internal", Assert.Single(route.Spec.ParentRefs).Name);
        Assert.Equal("/dashboard", Follow(route, "/dashboard"));
        Assert.Null(Follow(route, "/api/probe"));
    }

    // As ingress-nginx: element-wise prefixes; with use-regex, an anchored expression that ignores case, and a target with its groups.
    private static string? Follow(V1Ingress ingress, string path)
    {
        foreach (var candidate in ingress.Spec.Rules.Single().Http.Paths)
        {
            switch (candidate.PathType)
            {
                case "Exact" when path == candidate.Path:
                case "Prefix" when IsBelow(candidate.Path, path):
                    return path;
                case "ImplementationSpecific":
                    Assert.Equal("true", ingress.Metadata.Annotations[Nginx + "use-regex"]);
                    Assert.Equal("$1", ingress.Metadata.Annotations[Nginx + "rewrite-target"]);
                    if (Regex.Match(path, "^" + candidate.Path, RegexOptions.IgnoreCase) is { Success: true } match) return match.Groups[1].Value;
                    break;
            }
        }

        return null;
    }

    private static string? Follow(HttpRoute route, string path)
    {
        foreach (var rule in route.Spec.Rules)
        {
            var match = Assert.Single(rule.Matches).Path;
            if (match.Type is HttpRoute.PathMatchType.Exact ? path != match.Value : !IsBelow(match.Value, path)) continue;
            return rule.Filters?.SingleOrDefault(filter => filter.Type is HttpRoute.FilterType.URLRewrite)?.UrlRewrite!.Path switch
            {
                null => path,
                { Type: HttpRoute.PathModifierType.ReplaceFullPath } full => full.ReplaceFullPath,
                var prefix => prefix.ReplacePrefixMatch + path[match.Value.Length..],
            };
        }

        return null;
    }

    private static bool IsBelow(string prefix, string path) => path == prefix || path.StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal);
}
