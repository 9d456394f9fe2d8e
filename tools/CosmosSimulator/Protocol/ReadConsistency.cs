using System.Globalization;
using DroneDelivery.CosmosSimulator.Store;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>What a read is promised: by the account's level, which a request may weaken, or by the strategy that a request asks for.</summary>
/// <param name="account">Level of the account.</param>
/// <param name="lag">How far the replicas lag that answer weaker reads.</param>
internal sealed class ReadConsistency(ConsistencyLevel account, ReplicaLag lag)
{
    /// <summary>Whether a read asks two replicas, which costs twice and misses nothing that was acknowledged.</summary>
    public bool IsQuorumRead(CosmosRequest request) =>
        request.Operation is RequestKind.ReadItem or RequestKind.QueryItems or RequestKind.ListItems
        && Level(request) is ConsistencyLevel.Strong or ConsistencyLevel.BoundedStaleness;

    /// <summary>What a read of a partition sees.</summary>
    /// <exception cref="RefusedException">The request asks for more than the account gives.</exception>
    public ReadView View(CosmosRequest request, PhysicalPartition partition) => Level(request) switch
    {
        ConsistencyLevel.Strong or ConsistencyLevel.BoundedStaleness => default,
        ConsistencyLevel.Session => new(lag.Next(), Token(request, partition)),
        _ => new(lag.Next(), 0),
    };

    /// <summary>The session token of an answer.</summary>
    /// <param name="partition">The partition that it is about.</param>
    /// <param name="position">The last write that the answer knows of.</param>
    public static string Token(PhysicalPartition partition, long position) =>
        string.Create(CultureInfo.InvariantCulture, $"{partition.Id}:-1#{position}");

    private ConsistencyLevel Level(CosmosRequest request)
    {
        if (request.Header(CosmosHeaders.ReadConsistencyStrategy) is { } strategy)
        {
            return Enum.TryParse<ReadConsistencyStrategy>(strategy, out var known) ? known switch
            {
                ReadConsistencyStrategy.Eventual => ConsistencyLevel.Eventual,
                ReadConsistencyStrategy.Session => ConsistencyLevel.Session,
                ReadConsistencyStrategy.GlobalStrong when account is not ConsistencyLevel.Strong =>
                    throw RefusedException.BadRequest($"The account's level is {account}, which does not permit the strategy {strategy}."),
                _ => ConsistencyLevel.BoundedStaleness,
            } : throw RefusedException.BadRequest($"There is no read consistency strategy '{strategy}'.");
        }

        if (request.Header(CosmosHeaders.ConsistencyLevel) is not { } text) return account;
        if (!Enum.TryParse<ConsistencyLevel>(text, out var level)) throw RefusedException.BadRequest($"There is no consistency level '{text}'.");
        return IsStronger(level) ? throw RefusedException.BadRequest($"The account's level is {account}; a request cannot ask for {level}.") : level;
    }

    // The enumeration puts Eventual before ConsistentPrefix.
    private bool IsStronger(ConsistencyLevel level) => Strength(level) > Strength(account);

    private static int Strength(ConsistencyLevel level) => level switch
    {
        ConsistencyLevel.Strong => 4,
        ConsistencyLevel.BoundedStaleness => 3,
        ConsistencyLevel.Session => 2,
        ConsistencyLevel.ConsistentPrefix => 1,
        _ => 0,
    };

    // A token names a partition and its last write, as in 0:-1#12, and may name several.
    private static long Token(CosmosRequest request, PhysicalPartition partition)
    {
        foreach (var token in request.Header(CosmosHeaders.SessionToken)?.Split(',') ?? [])
        {
            if (token.Split(':') is [var id, var position] && id == partition.Id
                && long.TryParse(position.AsSpan(position.IndexOf('#', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return 0;
    }
}
