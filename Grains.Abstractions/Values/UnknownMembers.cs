using System.Text.Json;

namespace DroneDelivery;

/// <summary>
/// Members of a stored record that this build does not know: a newer one wrote them, and gets them back. A copy by <c>with</c> takes them along.
/// They are stored with grain state only, never sent and never shown.
/// </summary>
public sealed class UnknownMembers : Dictionary<string, JsonElement>, IEquatable<UnknownMembers>
{
    /// <inheritdoc/>
    public bool Equals(UnknownMembers? other) =>
        other is not null && Count == other.Count && this.All(member => other.TryGetValue(member.Key, out var value) && JsonElement.DeepEquals(member.Value, value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnknownMembers);

    /// <inheritdoc/>
    public override int GetHashCode() => Count;
}
