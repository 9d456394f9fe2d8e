using DroneDelivery.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace DroneDelivery.Gateway.Security;

/// <summary>Who calls: Microsoft Entra ID says so, or a drone's own key; in local mode everybody is everybody.</summary>
internal static class AuthenticationSetup
{
    private const string EntraOrKey = nameof(EntraOrKey);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>Adds the schemes of this mode.</summary>
    /// <exception cref="Startup.StartupException">Authentication is on and its settings are wrong.</exception>
    public static WebApplicationBuilder AddGatewayAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(DroneKeySecrets.Read(builder.Configuration));
        if (HostingOptions.IsLocal(builder.Configuration))
        {
            builder.Services.AddAuthentication(LocalAuthentication.Scheme)
                .AddScheme<AuthenticationSchemeOptions, LocalAuthentication>(LocalAuthentication.Scheme, null);
            return builder;
        }

        var entra = EntraSettings.Read(builder.Configuration);
        builder.Services.AddSingleton<DroneKeyCache>();
        builder.Services.AddSingleton<FailedSignIns>();

        // The framework writes a line for each sign-in that fails.
        builder.Logging.AddFilter(typeof(DroneKeyAuthentication).FullName, LogLevel.Warning);
        var authentication = builder.Services.AddAuthentication(EntraOrKey);
        authentication
            .AddPolicyScheme(EntraOrKey, null, either => either.ForwardDefaultSelector = context =>
                DroneKeyAuthentication.IsFor(context.Request) ? DroneKeyAuthentication.Scheme : JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, DroneKeyAuthentication>(DroneKeyAuthentication.Scheme, null)
            .AddJwtBearer(bearer =>
        {
            bearer.Authority = entra.Authority;
            bearer.RequireHttpsMetadata = !entra.Instance.IsLoopback;
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters = new()
            {
                ValidIssuers = entra.Issuers,
                ValidAudiences = entra.Audiences,
                ClockSkew = ClockSkew,

                // What Entra signs with. A public key must not serve as the secret of a MAC.
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                RoleClaimType = CallerClaims.Role,
                NameClaimType = CallerClaims.Subject,
            };
            bearer.Events = new() { OnMessageReceived = RequireKeys, OnAuthenticationFailed = Count };
        });

        if (DashboardSignIn.IsOn(builder.Configuration)) authentication.AddDashboardSignIn(builder.Configuration, entra, bearer: EntraOrKey);

        // A key that is published no more is not believed for another hour; keys once had serve while their publisher is away all the same.
        builder.Services.PostConfigure<JwtBearerOptions>(
            JwtBearerDefaults.AuthenticationScheme, bearer => ((BaseConfigurationManager)bearer.ConfigurationManager!).UseLastKnownGoodConfiguration = false);
        return builder;
    }

    private static Task Count(AuthenticationFailedContext context)
    {
        context.HttpContext.RequestServices.GetRequiredService<FailedSignIns>().Note(SignInFault.Token);
        return Task.CompletedTask;
    }

    // Without keys a good token looks forged; its bearer is told to come back, not that it is refused.
    private static async Task RequireKeys(MessageReceivedContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0) return;
        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException exception)
        {
            throw new KeysUnavailableException(exception);
        }
    }
}

/// <summary>Entra ID cannot be asked for its keys and was not asked successfully before.</summary>
/// <param name="cause">What went wrong.</param>
internal sealed class KeysUnavailableException(Exception cause) : Exception("The keys that sign tokens cannot be had at the moment.", cause);
