namespace DroneDelivery;

/// <summary>Where to pick up or hand over.</summary>
/// <param name="Text">What the client wrote, when it wrote text; echoed unchanged.</param>
/// <param name="Location">The point flown to.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Place")]
public sealed record Place(string? Text, GeoPoint Location)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}
