namespace DroneDelivery.Gateway.Input;

/// <summary>
/// Deadlines were free text to the earlier services: what is a time is one, what looks like a time and cannot be read is refused, and any other text means none.
/// </summary>
internal static class Deadlines
{
    /// <summary>The deadline, if the text is a time.</summary>
    public static DateTimeOffset? Read(string text) => LooseTime.TryRead(text, out var deadline) ? deadline : null;

    /// <summary>Whether what was written is what is kept: a time, or nothing.</summary>
    public static bool IsUnderstood(string text, DateTimeOffset? deadline) => deadline is not null || string.IsNullOrWhiteSpace(text);
}
