using System.Data.Common;
using Azure;
using Azure.Core;
using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>What every provider needs to know: the account, how to reach it, and the container.</summary>
public abstract class CosmosOptions
{
    /// <summary>Name of the database. The official packages' default.</summary>
    public string DatabaseName { get; set; } = "Orleans";

    /// <summary>Name of the container.</summary>
    public string ContainerName { get; set; } = "";

    /// <summary>
    /// Creates the database and the container at start when they are missing. Off by default: creating them needs more rights than
    /// using them, which an Entra identity does not get through the data plane. Nothing is ever changed in a container that exists, and nothing is deleted.
    /// </summary>
    public bool IsResourceCreationEnabled { get; set; }

    /// <summary>Request units a second that a database gets when it is created here; null for none of its own.</summary>
    public int? DatabaseThroughput { get; set; }

    /// <summary>Throughput that a container gets when it is created here; null for none of its own.</summary>
    public ThroughputProperties? ContainerThroughputProperties { get; set; }

    /// <summary>How requests travel: directly to the replicas (in Azure), or through the account's gateway (emulators, strict firewalls).</summary>
    public ConnectionMode ConnectionMode { get; set; } = ConnectionMode.Direct;

    /// <summary>Talks to the configured endpoint alone and ignores the regions that the account announces. For emulators.</summary>
    public bool LimitToEndpoint { get; set; }

    /// <summary>
    /// Starts although a read may miss what another process has written: a new activation of a grain may begin with an older state (its writes are refused then),
    /// and one that only reads may not notice. For trials, and for emulators, whose one replica never lags.
    /// </summary>
    public bool AcceptStaleReads { get; set; }

    /// <summary>
    /// Regions to use, the nearest first, by their Azure names ("West Europe"). Empty for the account's order, in which the region that is written to comes first;
    /// with BoundedStaleness an account of several regions has to be read there.
    /// </summary>
    public IList<string> PreferredRegions { get; set; } = [];

    /// <summary>How often a throttled request (429) is repeated before the throttling is reported.</summary>
    public int MaxThrottlingRetries { get; set; } = 9;

    /// <summary>How long a throttled request may wait altogether before the throttling is reported.</summary>
    public TimeSpan MaxThrottlingWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one operation may take with all that the client repeats by itself. A write that is cut off is reported as of unknown outcome.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long opening the container at start may take.</summary>
    public TimeSpan StartupTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Options handed to the client as they are. When set, <see cref="ConnectionMode"/>, <see cref="LimitToEndpoint"/>, <see cref="PreferredRegions"/> and
    /// the two limits on throttling are taken from here instead. Providers share a client when they share this object.
    /// </summary>
    public CosmosClientOptions? ClientOptions { get; set; }

    internal CosmosAccount? Account { get; private set; }

    /// <summary>Connects with the identity of the process (<c>DefaultAzureCredential</c>: workload identity, managed identity, a developer's sign-in).</summary>
    /// <param name="accountEndpoint">Endpoint of the account, such as <c>https://name.documents.azure.com:443/</c>.</param>
    public void ConfigureCosmosClient(Uri accountEndpoint) => Account = new TokenAccount(accountEndpoint?.OriginalString ?? "", null);

    /// <summary>Connects with a given identity.</summary>
    /// <param name="accountEndpoint">Endpoint of the account.</param>
    /// <param name="tokenCredential">Yields the tokens.</param>
    public void ConfigureCosmosClient(string accountEndpoint, TokenCredential tokenCredential)
    {
        ArgumentNullException.ThrowIfNull(tokenCredential);
        Account = new TokenAccount(accountEndpoint, tokenCredential);
    }

    /// <summary>Connects with a key that may be rotated. For development; prefer an identity.</summary>
    /// <param name="accountEndpoint">Endpoint of the account.</param>
    /// <param name="authKeyOrResourceTokenCredential">Holds the key.</param>
    public void ConfigureCosmosClient(string accountEndpoint, AzureKeyCredential authKeyOrResourceTokenCredential)
    {
        ArgumentNullException.ThrowIfNull(authKeyOrResourceTokenCredential);
        Account = new KeyCredentialAccount(accountEndpoint, authKeyOrResourceTokenCredential);
    }

    /// <summary>Connects with a key. For development; prefer an identity.</summary>
    /// <param name="accountEndpoint">Endpoint of the account.</param>
    /// <param name="authKeyOrResourceToken">The key.</param>
    public void ConfigureCosmosClient(string accountEndpoint, string authKeyOrResourceToken) =>
        Account = new KeyAccount(accountEndpoint, authKeyOrResourceToken);

    /// <summary>
    /// Connects with a connection string, or, where the text is an address or a connection string without a key, with the identity of the process.
    /// </summary>
    /// <param name="connectionString"><c>AccountEndpoint=…;AccountKey=…</c>, or the endpoint alone.</param>
    public void ConfigureCosmosClient(string connectionString) => Account = CosmosAccount.Parse(connectionString);

    /// <summary>Uses a client made elsewhere, which its maker disposes.</summary>
    /// <param name="createClient">Yields the client.</param>
    public void ConfigureCosmosClient(Func<IServiceProvider, ValueTask<CosmosClient>> createClient)
    {
        ArgumentNullException.ThrowIfNull(createClient);
        Account = new ForeignClient(createClient);
    }
}

/// <summary>An account and the right to use it. Equal accounts may share a client.</summary>
internal abstract record CosmosAccount
{
    /// <summary>Reads a connection string or an endpoint; what is wrong with it comes to light in <see cref="Fault"/>.</summary>
    public static CosmosAccount Parse(string? text)
    {
        if (text is not null && !text.Contains('=', StringComparison.Ordinal)) return new TokenAccount(text, null);
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return new ConnectionStringAccount("", "", text ?? "");
        }

        string Part(string name) => parts.TryGetValue(name, out var value) ? value as string ?? "" : "";
        var (endpoint, key) = (Part("AccountEndpoint"), Part("AccountKey"));
        return key.Length is 0 && endpoint.Length is not 0 ? new TokenAccount(endpoint, null) : new ConnectionStringAccount(endpoint, key, text ?? "");
    }

    /// <summary>What is wrong with these settings, as the end of a sentence; null when nothing is.</summary>
    public abstract string? Fault { get; }

    /// <summary>The endpoint, for messages.</summary>
    public abstract string Endpoint { get; }

    protected static string? EndpointFault(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.Host.Length is not 0
            ? null
            : $"the account endpoint '{endpoint}' is not an address such as https://name.documents.azure.com:443/";

    protected static string? KeyFault(string key)
    {
        if (string.IsNullOrWhiteSpace(key)) return "the account key is empty";
        // Resource tokens are no base64; they say what they are.
        if (key.StartsWith("type=", StringComparison.OrdinalIgnoreCase) || key.StartsWith("type%3d", StringComparison.OrdinalIgnoreCase)) return null;
        return Convert.TryFromBase64String(key, new byte[key.Length], out _) ? null : "the account key is not in base64, so it is not complete";
    }

    // Records print their members; keys are none of a log's business.
    public sealed override string ToString() => Endpoint;
}

internal sealed record TokenAccount(string AccountEndpoint, TokenCredential? Credential) : CosmosAccount
{
    public override string Endpoint => AccountEndpoint;

    public override string? Fault => EndpointFault(AccountEndpoint);
}

internal sealed record KeyAccount(string AccountEndpoint, string Key) : CosmosAccount
{
    public override string Endpoint => AccountEndpoint;

    public override string? Fault => EndpointFault(AccountEndpoint) ?? KeyFault(Key);
}

internal sealed record KeyCredentialAccount(string AccountEndpoint, AzureKeyCredential Credential) : CosmosAccount
{
    public override string Endpoint => AccountEndpoint;

    public override string? Fault => EndpointFault(AccountEndpoint);
}

internal sealed record ConnectionStringAccount(string AccountEndpoint, string Key, string Text) : CosmosAccount
{
    public override string Endpoint => AccountEndpoint;

    public override string? Fault => AccountEndpoint.Length is 0
        ? "the connection string is not of the form AccountEndpoint=…;AccountKey=…"
        : EndpointFault(AccountEndpoint) ?? KeyFault(Key);
}

internal sealed record ForeignClient(Func<IServiceProvider, ValueTask<CosmosClient>> Create) : CosmosAccount
{
    public override string Endpoint => "of the given client";

    public override string? Fault => null;
}
