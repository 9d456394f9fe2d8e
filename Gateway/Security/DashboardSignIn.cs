using DroneDelivery.Startup;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// Operators' browsers sign in at Entra ID to see the dashboard: OpenID Connect, code flow with PKCE, then a cookie for an hour that is good for the dashboard only, so
/// that no page elsewhere can use it against the API. On when section <c>Dashboard:SignIn</c> has a client id and its secret.
/// </summary>
internal static class DashboardSignIn
{
    /// <summary>Scheme of the dashboard: a bearer token where one is sent, else the cookie.</summary>
    public const string Scheme = "Dashboard";

    private const string Section = "Dashboard:SignIn";
    private const string Cookie = "DashboardCookie";
    private const string Entra = "DashboardSignIn";
    private const string SignedInPath = "/dashboard/signed-in";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimeToSignIn = TimeSpan.FromMinutes(15);

    /// <summary>Whether the section asks for it.</summary>
    /// <exception cref="StartupException">Half of it is missing.</exception>
    public static bool IsOn(IConfiguration configuration)
    {
        var (client, secret) = Read(configuration);
        if (client is { Length: > 0 } == secret is { Length: > 0 }) return client is { Length: > 0 };
        throw new StartupException($"Of {Section}:ClientId and {Section}:ClientSecret only one is set; set both, so that operators' browsers can sign in to the dashboard, or neither.");
    }

    /// <summary>Adds its schemes.</summary>
    /// <param name="authentication">Where to.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="entra">Whose people sign in.</param>
    /// <param name="bearer">The scheme of callers with a token.</param>
    public static void AddDashboardSignIn(this AuthenticationBuilder authentication, IConfiguration configuration, EntraSettings entra, string bearer)
    {
        var (client, secret) = Read(configuration);

        // Every gateway has the secret, so each reads what another wrote, and none has to keep keys.
        var protection = new SharedSecretProtection(secret!);
        authentication
            .AddPolicyScheme(Scheme, null, either => either.ForwardDefaultSelector = context => context.Request.Headers.Authorization.Count > 0 ? bearer : Cookie)
            .AddCookie(Cookie, cookie =>
            {
                cookie.DataProtectionProvider = protection;
                cookie.Cookie.Name = "dashboard";
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = Lifetime;
                cookie.SlidingExpiration = false; // Whoever lost the role is out within that time.
                cookie.ForwardChallenge = Entra;
                cookie.Events.OnRedirectToAccessDenied = denied =>
                {
                    denied.Response.StatusCode = StatusCodes.Status403Forbidden;
                    return Task.CompletedTask;
                };
            })
            .AddOpenIdConnect(Entra, signIn =>
            {
                signIn.SignInScheme = Cookie;
                signIn.DataProtectionProvider = protection;
                signIn.Authority = entra.Authority;
                signIn.RequireHttpsMetadata = !entra.Instance.IsLoopback;
                signIn.ClientId = client;
                signIn.ClientSecret = secret;
                signIn.CallbackPath = SignedInPath;
                signIn.ResponseType = OpenIdConnectResponseType.Code;
                signIn.UsePkce = true;

                // In the query the answer comes by a top-level GET, with which browsers send Lax cookies; a form would need cookies for every site.
                signIn.ResponseMode = OpenIdConnectResponseMode.Query;
                foreach (var temporary in new[] { signIn.CorrelationCookie, signIn.NonceCookie })
                    (temporary.SameSite, temporary.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.Always);
                signIn.RemoteAuthenticationTimeout = TimeToSignIn;
                signIn.Scope.Clear();
                signIn.Scope.Add(OpenIdConnectScope.OpenId);
                signIn.MapInboundClaims = false;
                signIn.TokenValidationParameters = new()
                {
                    ValidIssuers = entra.Issuers,
                    ValidAudience = client,
                    ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                    RoleClaimType = CallerClaims.Role,
                    NameClaimType = CallerClaims.Subject,
                };
                signIn.Events.OnRedirectToIdentityProvider = OnlyPages;
                signIn.Events.OnRemoteFailure = Refuse;
            });
    }

    // What a page asks for behind the scenes can't sign in.
    private static Task OnlyPages(RedirectContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)) return Task.CompletedTask;
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.Append("WWW-Authenticate", "Bearer");
        context.HandleResponse();
        return Task.CompletedTask;
    }

    // A forged, late or refused answer of Entra is the browser's business, not a fault of the gateway.
    private static Task Refuse(RemoteFailureContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.HandleResponse();
        return Task.CompletedTask;
    }

    private static (string? Client, string? Secret) Read(IConfiguration configuration) => (configuration[$"{Section}:ClientId"]?.Trim(), configuration[$"{Section}:ClientSecret"]?.Trim());
}
