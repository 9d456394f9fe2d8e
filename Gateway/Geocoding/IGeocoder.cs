namespace DroneDelivery.Gateway.Geocoding;

/// <summary>Finds the point that a free-text address means.</summary>
internal interface IGeocoder
{
    /// <summary>The point, or null when the address means nothing to it.</summary>
    ValueTask<GeoPoint?> Locate(string address, CancellationToken cancellationToken);
}
