using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Gateway.Geocoding;

/// <summary>The disc in which drones fly; section <c>ServiceArea</c>.</summary>
internal sealed class ServiceAreaOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "ServiceArea";

    /// <summary>Latitude of the centre, degrees WGS84.</summary>
    [Range(-90d, 90d)]
    public double Latitude { get; set; } = 47.64;

    /// <summary>Longitude of the centre, degrees WGS84.</summary>
    [Range(-180d, 180d)]
    public double Longitude { get; set; } = -122.14;

    /// <summary>Radius, metres.</summary>
    [Range(1d, 1_000_000d)]
    public double Radius { get; set; } = 8_000;
}
