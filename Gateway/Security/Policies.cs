using DroneDelivery.Hosting;
using Microsoft.AspNetCore.Authorization;

namespace DroneDelivery.Gateway.Security;

/// <summary>Who may use a group of routes at all; whose things they are is for <see cref="Ownership"/> and the grains.</summary>
internal static class Policies
{
    /// <summary>Owners, services that act for them, operators.</summary>
    public const string Deliveries = nameof(Deliveries);

    /// <summary>Drones and ground stations.</summary>
    public const string Reports = nameof(Reports);

    /// <summary>Drones and ground stations, operators.</summary>
    public const string Fleet = nameof(Fleet);

    /// <summary>Operators.</summary>
    public const string Operators = nameof(Operators);

    /// <summary>Operators, also by their browser's cookie.</summary>
    public const string Dashboard = nameof(Dashboard);

    /// <summary>Adds the policies. A route without one is for authenticated callers only, and a test names it.</summary>
    /// <exception cref="Startup.StartupException">A setting is wrong.</exception>
    public static WebApplicationBuilder AddGatewayAuthorization(this WebApplicationBuilder builder)
    {
        var options = CallerOptions.Read(builder.Configuration);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<AuditLog>().AddSingleton<IAuthorizationMiddlewareResultHandler>(services => services.GetRequiredService<AuditLog>());
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Deliveries, AnyOf(Grants.Deliveries))
            .AddPolicy(Reports, AnyOf(Grants.Drone | Grants.AnyDrone))
            .AddPolicy(Fleet, AnyOf(Grants.Drone | Grants.AnyDrone | Grants.Operations))
            .AddPolicy(Operators, AnyOf(Grants.Operations))
            .AddPolicy(Dashboard, policy =>
            {
                AnyOf(Grants.Operations)(policy);
                if (!HostingOptions.IsLocal(builder.Configuration) && DashboardSignIn.IsOn(builder.Configuration)) policy.AddAuthenticationSchemes(DashboardSignIn.Scheme);
            });
        return builder;

        Action<AuthorizationPolicyBuilder> AnyOf(Grants grants) => policy => policy
            .RequireAuthenticatedUser()
            .RequireAssertion(context => (Caller.Of(context.User, options).Grants & grants) != 0);
    }
}
