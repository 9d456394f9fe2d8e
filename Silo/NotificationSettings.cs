using Azure.Core;
using Azure.Identity;
using DroneDelivery.Hosting;
using DroneDelivery.Notifications;
using DroneDelivery.Startup;

namespace DroneDelivery;

/// <summary>What the host decides about events that leave the system.</summary>
internal static class NotificationSettings
{
    /// <summary>Keeps a setting of local mode out of all others, and lends Event Grid the identity of the process.</summary>
    /// <exception cref="StartupException">Webhooks to local addresses are allowed outside local mode.</exception>
    public static ISiloBuilder UseNotifications(this ISiloBuilder silo)
    {
        if (silo.Configuration.GetValue<bool>("Notifications:AllowLocalWebhooks") && !HostingOptions.IsLocal(silo.Configuration))
            throw new StartupException("Notifications:AllowLocalWebhooks is for local mode only, since owners could have this silo call what is near it; set it to false.");

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
