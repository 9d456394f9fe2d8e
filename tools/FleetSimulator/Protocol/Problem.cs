namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Problem details (RFC 9457), as far as a drone cares.</summary>
/// <param name="Title">Short.</param>
/// <param name="Detail">Longer.</param>
internal sealed record Problem(string? Title = null, string? Detail = null)
{
    /// <summary>The longer text where there is one.</summary>
    public override string ToString() => Detail ?? Title ?? "no reason given";
}
