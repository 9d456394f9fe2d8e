using System.Collections.Concurrent;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>
/// The clients of this host: one for each account and way to reach it, however many providers ask. A client holds connections, caches and
/// session tokens, so a second one costs memory and, under session consistency, may read older data than the first has written.
/// </summary>
internal sealed class CosmosClients(IServiceProvider services) : IDisposable
{
    private readonly ConcurrentDictionary<Settings, Lazy<CosmosClient>> _clients = new();

    /// <summary>The client for these options.</summary>
    public ValueTask<CosmosClient> GetAsync(CosmosOptions options) => options.Account switch
    {
        ForeignClient foreign => foreign.Create(services),
        { } account => new(_clients.GetOrAdd(Settings.Of(account, options), static settings => new(() => settings.CreateClient())).Value),
        null => throw new InvalidOperationException("The options have not been validated."),
    };

    /// <summary>Closes the clients made here.</summary>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            if (client.IsValueCreated) client.Value.Dispose();
        }
    }

    private sealed record Settings(
        CosmosAccount Account, ConnectionMode Mode, bool LimitToEndpoint, string Regions, int ThrottlingRetries, TimeSpan ThrottlingWait, CosmosClientOptions? Custom)
    {
        private const char RegionSeparator = '|';

        public static Settings Of(CosmosAccount account, CosmosOptions options) => options.ClientOptions is { } custom
            ? new(account, default, false, "", 0, default, custom)
            : new(account, options.ConnectionMode, options.LimitToEndpoint, string.Join(RegionSeparator, options.PreferredRegions), options.MaxThrottlingRetries, options.MaxThrottlingWait, null);

        public CosmosClient CreateClient()
        {
            var options = Custom ?? new CosmosClientOptions
            {
                ApplicationName = "Orleans",
                ConnectionMode = Mode,
                LimitToEndpoint = LimitToEndpoint,
                ApplicationPreferredRegions = Regions.Length is 0 ? null : Regions.Split(RegionSeparator),
                MaxRetryAttemptsOnRateLimitedRequests = ThrottlingRetries,
                MaxRetryWaitTimeOnRateLimitedRequests = ThrottlingWait,
            };
            return Account switch
            {
                TokenAccount account => new(account.AccountEndpoint, account.Credential ?? new DefaultAzureCredential(), options),
                KeyAccount account => new(account.AccountEndpoint, account.Key, options),
                KeyCredentialAccount account => new(account.AccountEndpoint, account.Credential, options),
                ConnectionStringAccount account => new(account.Text, options),
                _ => throw new InvalidOperationException($"No client can be made of {Account.GetType().Name}."),
            };
        }
    }
}
