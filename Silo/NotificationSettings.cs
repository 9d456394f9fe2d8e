using Azure.Core;
using Azure.Identity;
using DroneDelivery.Hosting;
using DroneDelivery.Notifications;
using DroneDelivery.Startup;

namespace DroneDelivery;

/// <summary>What the host decides about events that leave the system.</summary>
internal static class NotificationSettings
{
    /// <summary>Keeps what local mode may do out of all others, and lends Event Grid the identity of the process.</summary>
    /// <exception cref="StartupException">Outside local mode webhooks to local addresses are allowed, or the key is missing that encrypts their secrets.</exception>
    public static ISiloBuilder UseNotifications(this ISiloBuilder silo)
    {
        if (silo.Configuration.GetValue<bool>("Notifications:AllowLocalWebhooks") && !HostingOptions.IsLocal(silo.Configuration))
            throw new StartupException("Notifications:AllowLocalWebhooks is for local mode only, since owners could have this silo call what is near it; set it to false.");
        if (string.IsNullOrWhiteSpace(silo.Configuration["Notifications:SecretKey"]) && !HostingOptions.IsLocal(silo.Configuration))
            throw new StartupException("Notifications:SecretKey is missing; outside local mode the secrets of webhooks are stored encrypted under it, so set it to 32 random bytes in base64, such as `openssl rand -base64 32` prints, the same for every silo.");

        silo.Services.AddSingleton<IEventGridIdentity, ProcessIdentity>();
        return silo;
    }

    private sealed class ProcessIdentity : IEventGridIdentity
    {
        private static readonly TokenRequestContext EventGrid = new(["https://eventgrid.azure.net/.default"]);

        // Made at the first use: without Event Grid nothing looks for an identity.
        private readonly Lazy<TokenCredential> _credential = new(() => new DefaultAzureCredential());

        public async ValueTask<string> GetToken(CancellationToken cancellationToken) => (await _credential.Value.GetTokenAsync(EventGrid, cancellationToken)).Token;
    }
}
