using System.Net;
using Azure.Identity;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;

namespace Orleans.Providers.Cosmos;

/// <summary>Opens containers at start: creates them where that is asked for, and stops with one clear sentence where something is wrong.</summary>
internal sealed partial class CosmosContainers(CosmosClients clients, ILogger<CosmosContainers> logger)
{
    /// <summary>Opens a provider's container.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="shape">What it has to be.</param>
    /// <param name="provider">Who opens it, as in "grain storage 'orders'".</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="OrleansConfigurationException">The account, the right to use it, the database or the container is not as configured.</exception>
    public async Task<CosmosContainer> OpenAsync(CosmosOptions options, ContainerShape shape, string provider, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartupTimeout);
        CosmosClient? client = null;
        try
        {
            client = await clients.GetAsync(options);
            if (options.IsResourceCreationEnabled) await CreateAsync(client, options, shape, limit.Token);
            var container = client.GetContainer(options.DatabaseName, options.ContainerName);
            ContainerProperties properties = await container.ReadContainerAsync(cancellationToken: limit.Token);
            await CheckGuaranteesAsync(client, options, provider, limit.Token);
            if (shape.Misfit(properties) is { } misfit)
                throw new OrleansConfigurationException($"Azure Cosmos DB {provider}: container '{options.ContainerName}' in database '{options.DatabaseName}' {misfit}.");
            if (properties.PartitionKeyDefinitionVersion is not PartitionKeyDefinitionVersion.V2) LogOldKeys(options.ContainerName, options.DatabaseName);
            LogOpened(provider, options.ContainerName, options.DatabaseName, client.Endpoint);
            return new(container, options.OperationTimeout);
        }
        catch (Exception exception) when (exception is not OrleansConfigurationException && !cancellationToken.IsCancellationRequested)
        {
            var reason = await ExplainAsync(exception, client, options, limit.Token);
            if (reason is null) throw;
            throw new OrleansConfigurationException($"Azure Cosmos DB {provider}: {reason}.", exception);
        }
    }

    private async Task CreateAsync(CosmosClient client, CosmosOptions options, ContainerShape shape, CancellationToken cancellationToken)
    {
        // What exists is taken as it is, so that this needs no right to create once everything is there.
        using (var existing = await client.GetContainer(options.DatabaseName, options.ContainerName).ReadContainerStreamAsync(cancellationToken: cancellationToken))
        {
            if (existing.StatusCode is not HttpStatusCode.NotFound) return;
        }

        var database = await client.CreateDatabaseIfNotExistsAsync(options.DatabaseName, options.DatabaseThroughput, cancellationToken: cancellationToken);
        if (database.StatusCode is HttpStatusCode.Created) LogCreatedDatabase(options.DatabaseName);
        var container = await database.Database.CreateContainerIfNotExistsAsync(
            shape.Properties(options.ContainerName), options.ContainerThroughputProperties, cancellationToken: cancellationToken);
        if (container.StatusCode is HttpStatusCode.Created) LogCreatedContainer(options.ContainerName, options.DatabaseName);
    }

    private async Task CheckGuaranteesAsync(CosmosClient client, CosmosOptions options, string provider, CancellationToken cancellationToken)
    {
        var account = AccountGuarantees.Of(await client.ReadAccountAsync().WaitAsync(cancellationToken));
        if (account.WriteFault is { } writeFault) throw Misfit(writeFault);
        if (account.ReadFault(client.ClientOptions) is not { } readFault) return;
        if (!account.ReadsInOrder(client.ClientOptions)) throw Misfit(readFault);
        if (!options.AcceptStaleReads) throw Misfit($"{readFault}, or, for a trial, set {nameof(CosmosOptions.AcceptStaleReads)} to true");
        LogStaleReads(provider, client.Endpoint, readFault);

        OrleansConfigurationException Misfit(string fault) => new($"Azure Cosmos DB {provider}: account {options.Account!.Endpoint} {fault}.");
    }

    /// <summary>The fault in the setup behind an exception, as the end of a sentence; null when it is no matter of setup.</summary>
    private static async Task<string?> ExplainAsync(Exception exception, CosmosClient? client, CosmosOptions options, CancellationToken cancellationToken)
    {
        var account = $"account {options.Account!.Endpoint}";
        return exception switch
        {
            CosmosException { StatusCode: HttpStatusCode.Unauthorized } => options.Account is TokenAccount
                ? $"{account} does not accept the token of this identity; check that the account allows Entra ID and belongs to the identity's tenant"
                : $"{account} does not accept the key; check that it is a current key of this account",
            CosmosException { StatusCode: HttpStatusCode.Forbidden } when options.IsResourceCreationEnabled =>
                $"{account} refuses to create or to read container '{options.ContainerName}' in database '{options.DatabaseName}'; create it beforehand and set IsResourceCreationEnabled to false, since an identity with data rights alone cannot",
            CosmosException { StatusCode: HttpStatusCode.Forbidden } =>
                $"{account} refuses access to container '{options.ContainerName}' in database '{options.DatabaseName}'; give the identity the role 'Cosmos DB Built-in Data Contributor' there and check the account's firewall",
            CosmosException { StatusCode: HttpStatusCode.NotFound } when client is not null =>
                $"{await MissingAsync(client, options, cancellationToken)} does not exist in {account}; create it or correct its name",
            CosmosException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout } => $"{account} cannot be reached; check the endpoint and the network",
            HttpRequestException fault => $"{account} cannot be reached ({fault.InnerException?.Message ?? fault.Message}); check the endpoint and the network",
            OperationCanceledException => $"{account} did not answer within {options.StartupTimeout}; check the endpoint and the network",
            AuthenticationFailedException => $"no identity was found to sign in to {account}; set up workload identity, a managed identity or a developer's sign-in, or configure a key",
            ArgumentException or FormatException => $"no client can be made for {account} ({exception.Message.ReplaceLineEndings(" ")})",
            { InnerException: { } inner } => await ExplainAsync(inner, client, options, cancellationToken),
            _ => null,
        };
    }

    private static async Task<string> MissingAsync(CosmosClient client, CosmosOptions options, CancellationToken cancellationToken)
    {
        using var response = await client.GetDatabase(options.DatabaseName).ReadStreamAsync(cancellationToken: cancellationToken);
        return response.StatusCode is HttpStatusCode.NotFound
            ? $"database '{options.DatabaseName}'"
            : $"container '{options.ContainerName}' in database '{options.DatabaseName}'";
    }

    [LoggerMessage(LogLevel.Debug, "{Provider} opened container {Container} in database {Database} of {Account}")]
    private partial void LogOpened(string provider, string container, string database, Uri account);

    [LoggerMessage(LogLevel.Information, "Created database {Database}")]
    private partial void LogCreatedDatabase(string database);

    [LoggerMessage(LogLevel.Information, "Created container {Container} in database {Database}")]
    private partial void LogCreatedContainer(string container, string database);

    [LoggerMessage(LogLevel.Warning, "{Provider} starts with stale reads accepted: account {Account} {Fault}")]
    private partial void LogStaleReads(string provider, Uri account, string fault);

    [LoggerMessage(LogLevel.Warning, "Container {Container} in database {Database} hashes only the first 101 bytes of a partition key; a new container would hash all of it")]
    private partial void LogOldKeys(string container, string database);
}
