using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Security;

/// <summary>Whose tokens the gateway accepts; section <c>AzureAd</c>, as Microsoft.Identity.Web names it.</summary>
/// <param name="Instance">Where Entra ID is.</param>
/// <param name="TenantId">The tenant that signs.</param>
/// <param name="Audiences">What a token may be meant for.</param>
internal sealed record EntraSettings(Uri Instance, Guid TenantId, IReadOnlyList<string> Audiences)
{
    private const string Section = "AzureAd";
    private const string PublicCloud = "https://login.microsoftonline.com/";

    /// <summary>Where keys and issuer are published.</summary>
    public string Authority => $"{Instance}{TenantId}/v2.0";

    /// <summary>
    /// Issuers of the tenant's tokens. Which version of token an API gets is chosen in its app registration; both are signed with the same keys.
    /// </summary>
    public IReadOnlyList<string> Issuers => Instance.AbsoluteUri == PublicCloud ? [Authority, $"https://sts.windows.net/{TenantId}/"] : [Authority];

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A setting is wrong or missing.</exception>
    public static EntraSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var instance = section["Instance"] is { Length: > 0 } text ? text.TrimEnd('/') + "/" : PublicCloud;
        if (!Uri.TryCreate(instance, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            throw new StartupException($"AzureAd:Instance is '{section["Instance"]}'; set it to an https address such as {PublicCloud}, or leave it out.");

        var tenant = section["TenantId"];
        if (string.IsNullOrWhiteSpace(tenant))
            throw new StartupException("AzureAd:TenantId is missing; outside local mode every caller needs a token, so set it to the id of the Entra tenant that signs them.");
        if (!Guid.TryParseExact(tenant, "D", out var tenantId))
            throw new StartupException($"AzureAd:TenantId is '{tenant}'; set it to the id of one tenant, a GUID such as 00000000-0000-0000-0000-000000000001.");

        if (Text(section, "Audience") is { } audience) return new(uri, tenantId, [audience]);
        if (Text(section, "ClientId") is not { } client)
            throw new StartupException("AzureAd:ClientId and AzureAd:Audience are both missing; set the client id of the gateway's app registration, or the audience that tokens name.");
        return new(uri, tenantId, [client, $"api://{client}"]);
    }

    private static string? Text(IConfigurationSection section, string key) => section[key]?.Trim() is { Length: > 0 } text ? text : null;
}
