using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>
/// What an account has to guarantee: what one process has written, any other reads; and of two writers of one version only one succeeds. The first needs
/// reads of the region that is written to with BoundedStaleness (two replicas are asked there) or of any region with Strong, the second a single region that is written to.
/// </summary>
/// <param name="Name">Name of the account.</param>
/// <param name="Level">Its default consistency level.</param>
/// <param name="WritableRegions">Where it is written to.</param>
/// <param name="ReadableRegions">Where it is read.</param>
// Source: consistency levels and quorums, https://learn.microsoft.com/azure/cosmos-db/consistency-levels
internal sealed record AccountGuarantees(string Name, ConsistencyLevel Level, IReadOnlyList<string> WritableRegions, IReadOnlyList<string> ReadableRegions)
{
    /// <summary>What an account says of itself.</summary>
    public static AccountGuarantees Of(AccountProperties account) => new(
        account.Id, account.Consistency.DefaultConsistencyLevel, [.. account.WritableRegions.Select(region => region.Name)], [.. account.ReadableRegions.Select(region => region.Name)]);

    /// <summary>Why two writers of one version might both succeed, as the end of a sentence; null when they cannot.</summary>
    public string? WriteFault => WritableRegions.Count <= 1 ? null
        : $"is written to in several regions ({string.Join(", ", WritableRegions)}), so that two writers of one state might both succeed; "
            + $"run 'az cosmosdb update -g RESOURCE_GROUP -n {Name} --enable-multiple-write-locations false'";

    /// <summary>Why a read might miss what another process has written, as the end of a sentence; null when it cannot.</summary>
    /// <param name="client">How the account is read.</param>
    public string? ReadFault(CosmosClientOptions client)
    {
        var level = LevelOf(client);
        if (level is not (ConsistencyLevel.Strong or ConsistencyLevel.BoundedStaleness))
        {
            return level != Level
                ? $"is read with {level} consistency, so that a read may miss what another process has written; remove the level from the client's options"
                : $"has the consistency level {level}, so that a read may miss what another process has written; run 'az cosmosdb update -g RESOURCE_GROUP -n {Name} "
                    + "--default-consistency-level BoundedStaleness --max-interval 300 --max-staleness-prefix 100000'";
        }

        return level is ConsistencyLevel.BoundedStaleness && ReadableRegions.Count > 1 && PrefersRegions(client)
            ? $"has several regions ({string.Join(", ", ReadableRegions)}) and BoundedStaleness, so that a read of a region that is not written to may miss what another process has written; "
                + "remove PreferredRegions, so that reads follow the writes, or set the account's level to Strong"
            : null;
    }

    /// <summary>Whether reads at least come in order, which even a trial cannot do without.</summary>
    /// <param name="client">How the account is read.</param>
    public bool ReadsInOrder(CosmosClientOptions client) => LevelOf(client) is not (ConsistencyLevel.Eventual or ConsistencyLevel.ConsistentPrefix);

    private ConsistencyLevel LevelOf(CosmosClientOptions client) => client.ReadConsistencyStrategy switch
    {
        ReadConsistencyStrategy.Eventual => ConsistencyLevel.Eventual,
        ReadConsistencyStrategy.Session => ConsistencyLevel.Session,
        ReadConsistencyStrategy.GlobalStrong => ConsistencyLevel.Strong,
        null => client.ConsistencyLevel ?? Level,
        _ => ConsistencyLevel.BoundedStaleness,
    };

    private static bool PrefersRegions(CosmosClientOptions client) => client.ApplicationRegion is not null || client.ApplicationPreferredRegions is { Count: > 0 };
}
