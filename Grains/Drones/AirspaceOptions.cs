using DroneDelivery.Navigation;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Drones;

/// <summary>Where drones may not fly; section <c>Airspace</c>.</summary>
internal sealed class AirspaceOptions
{
    /// <summary>A GeoJSON file of polygons that no drone may cross; empty: there are none.</summary>
    public string NoFlyZones { get; set; } = "";
}

/// <summary>Reads the zones before the silo starts, so that a wrong file stops it with a sentence.</summary>
internal sealed class AirspaceFile : IValidateOptions<AirspaceOptions>
{
    // More than any country publishes.
    private const long MostBytes = 32 * 1024 * 1024;

    /// <summary>The zones of the file.</summary>
    /// <exception cref="FormatException">They cannot be read; the message is a whole sentence.</exception>
    public static NoFlyZones Read(AirspaceOptions options)
    {
        if (options.NoFlyZones.Length == 0) return NoFlyZones.None;
        try
        {
            var file = new FileInfo(options.NoFlyZones);
            if (file.Length > MostBytes) throw new FormatException($"it has {file.Length} bytes; {MostBytes} are the most");
            return NoFlyZones.Parse(File.ReadAllText(file.FullName));
        }
        catch (Exception failure) when (failure is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"Airspace:NoFlyZones names {options.NoFlyZones}, which cannot be used: {failure.Message.TrimEnd('.')}; mend the file, or leave the setting empty to fly without zones.", failure);
        }
    }

    public ValidateOptionsResult Validate(string? name, AirspaceOptions options)
    {
        try
        {
            Read(options);
            return ValidateOptionsResult.Success;
        }
        catch (FormatException failure)
        {
            return ValidateOptionsResult.Fail(failure.Message);
        }
    }
}
