namespace DroneDelivery;

/// <summary>
/// Names one intended change. A repeated command with the same id has the effect and the answer of the first.
/// Callers make the id before their first attempt and keep it for every retry.
/// </summary>
/// <param name="Value">Up to 128 characters, unique within the grain that receives it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.CommandId")]
public readonly record struct CommandId(string Value)
{
    /// <summary>A new id that sorts by time.</summary>
    public static CommandId New() => new(Guid.CreateVersion7().ToString("N"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
