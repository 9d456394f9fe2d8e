using Orleans.Metadata;

namespace DroneDelivery.Hosting;

/// <summary>
/// Lets clients of the cluster send each call to a grain through the next silo, not all calls to a grain through one. No grain relies on the order of
/// messages, and a repeated call must not go the way on which the first was lost: through a silo that stands still and has not been given up.
/// </summary>
internal sealed class AnyGatewayWillDo : IGrainPropertiesProvider
{
    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainClass.Assembly == typeof(AnyGatewayWillDo).Assembly) properties[WellKnownGrainTypeProperties.Unordered] = bool.TrueString;
    }
}
