using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Security;

/// <summary>Local mode: whoever reaches loopback may do everything, for any owner and any drone.</summary>
internal sealed class LocalAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public new const string Scheme = "Local";

    private static readonly AuthenticateResult Everybody = AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity(
            [new(CallerClaims.Subject, "local"), .. Roles.All.Select(role => new Claim(CallerClaims.Role, role))],
            Scheme,
            CallerClaims.Subject,
            CallerClaims.Role)),
        Scheme));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Everybody);
}
