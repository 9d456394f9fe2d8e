namespace DroneDelivery;

/// <summary>
/// Names one intended change. A repeated command with the same id has the effect and the answer of the first.
/// Callers make the id before their first attempt and keep it for every retry.
/// </summary>
/// <param name="Value">Up to 128 characters, unique within the grain that receives it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.CommandId")]
public readonly record struct CommandId(string Value)
{
    private const string KeyPrefix = "key:";

    /// <summary>
    /// What a client named by an Idempotency-Key and this is what it sent. Grains that take such commands remember them for at least a day, and answer
    /// <see cref="CommandOutcome.Exists"/> when the key comes again with something else.
    /// </summary>
    /// <param name="key">Stands for the client's key; without colon.</param>
    /// <param name="sent">Stands for what was sent with it.</param>
    public static CommandId OfKey(string key, string sent) => new($"{KeyPrefix}{key}:{sent}");

    /// <summary>A new id that sorts by time.</summary>
    public static CommandId New() => new(Guid.CreateVersion7().ToString("N"));

    /// <summary>The key that the client named it by, whatever was sent with it; null: the client named it by none.</summary>
    public string? Key => Value?.StartsWith(KeyPrefix, StringComparison.Ordinal) == true && Value.IndexOf(':', KeyPrefix.Length) is > 0 and var end ? Value[..end] : null;

    /// <inheritdoc/>
    public override string ToString() => Value;
}
