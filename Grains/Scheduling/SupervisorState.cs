using System.Text;
using DroneDelivery.Storage;

namespace DroneDelivery.Scheduling;

/// <summary>Stored form of a supervisor shard.</summary>
internal sealed record SupervisorState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most bytes of the unsettled requests; a shard that has them takes no more.</summary>
    public const int OpenBytes = 600_000;

    /// <summary>As many have room whatever their ids, which have at most 128 characters of ASCII; more are measured.</summary>
    public const int AlwaysFit = 3_000;

    /// <summary>
    /// Most bytes of what waits for an operator. What has no room is kept in memory: a new activation asks every request and hears of it again.
    /// </summary>
    public const int FlagBytes = 300_000;

    /// <summary>Unsettled requests and when each is due.</summary>
    public Dictionary<string, DateTimeOffset> Open { get; init; } = [];

    /// <summary>Those of them that wait for an operator.</summary>
    public Dictionary<string, ShardFlag> Flags { get; init; } = [];
}

/// <summary>The bytes that a shard's entries take in its document, at most.</summary>
internal static class ShardBytes
{
    private const int OpenFrame = 44;
    private const int FlagFrame = 124;

    /// <summary>Bytes of an unsettled request.</summary>
    public static int OfOpen(string deliveryId) => OfId(deliveryId) + OpenFrame;

    /// <summary>Bytes of one that waits for an operator.</summary>
    public static int OfFlag(string deliveryId, ShardFlag flag) => OfId(deliveryId) + flag.Reason.StoredBytes() + flag.OwnerId.StoredBytes() + FlagFrame;

    // Thousands are measured at a time. The gateway takes ids of plain ASCII only; anything else counts as if all of it were escaped.
    private static int OfId(string deliveryId) => Ascii.IsValid(deliveryId) ? deliveryId.Length : 6 * deliveryId.Length;
}

/// <summary>Why a request waits for an operator.</summary>
/// <param name="Flag">What it is.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Since">Since when.</param>
/// <param name="OwnerId">Account that ordered.</param>
internal sealed record ShardFlag(RequestFlag Flag, string? Reason, DateTimeOffset Since, string? OwnerId = null)
{
    internal UnknownMembers? Unknown { get; init; }
}
