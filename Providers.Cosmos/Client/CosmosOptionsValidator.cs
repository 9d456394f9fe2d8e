namespace Orleans.Providers.Cosmos;

/// <summary>Refuses options that cannot work before the host starts.</summary>
/// <param name="options">The options.</param>
/// <param name="provider">What they configure, as in "grain storage 'orders'".</param>
internal class CosmosOptionsValidator<TOptions>(TOptions options, string provider) : IConfigurationValidator where TOptions : CosmosOptions
{
    /// <summary>The options.</summary>
    protected TOptions Options => options;

    /// <inheritdoc/>
    /// <exception cref="OrleansConfigurationException">The first fault found, in one sentence.</exception>
    public void ValidateConfiguration()
    {
        if (Faults().FirstOrDefault() is { } fault) throw new OrleansConfigurationException($"Azure Cosmos DB {provider}: {fault}.");
    }

    /// <summary>What is wrong, each as the end of a sentence.</summary>
    protected virtual IEnumerable<string> Faults()
    {
        if (options.Account is null) yield return $"no account is configured; call {nameof(CosmosOptions.ConfigureCosmosClient)} or set AccountEndpoint or ConnectionString";
        if (options.Account?.Fault is { } fault) yield return fault;
        if (NameFault(options.DatabaseName) is { } database) yield return $"{nameof(CosmosOptions.DatabaseName)} {database}";
        if (NameFault(options.ContainerName) is { } container) yield return $"{nameof(CosmosOptions.ContainerName)} {container}";
        if (options.DatabaseThroughput is < 400) yield return $"{nameof(CosmosOptions.DatabaseThroughput)} is {options.DatabaseThroughput}; the smallest is 400";
        if (options.MaxThrottlingRetries < 0) yield return $"{nameof(CosmosOptions.MaxThrottlingRetries)} is {options.MaxThrottlingRetries}; it cannot be negative";
        if (options.MaxThrottlingWait < TimeSpan.Zero) yield return $"{nameof(CosmosOptions.MaxThrottlingWait)} is {options.MaxThrottlingWait}; it cannot be negative";
        if (options.OperationTimeout <= TimeSpan.Zero) yield return $"{nameof(CosmosOptions.OperationTimeout)} is {options.OperationTimeout}; it must be positive";
        if (options.StartupTimeout <= TimeSpan.Zero) yield return $"{nameof(CosmosOptions.StartupTimeout)} is {options.StartupTimeout}; it must be positive";
        if (options.PreferredRegions.Count > 0 && options.LimitToEndpoint)
            yield return $"{nameof(CosmosOptions.PreferredRegions)} and {nameof(CosmosOptions.LimitToEndpoint)} exclude each other";
    }

    // Source: limits of resource names, https://learn.microsoft.com/azure/cosmos-db/concepts-limits
    private static string? NameFault(string? name) => name switch
    {
        null or "" => "is empty",
        { Length: > 255 } => "is longer than 255 characters",
        _ when name.AsSpan().ContainsAny(@"/\#?") || name.EndsWith(' ') => $"is '{name}'; a name holds none of / \\ # ? and does not end with a space",
        _ => null,
    };
}
