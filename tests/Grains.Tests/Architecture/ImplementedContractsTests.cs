namespace DroneDelivery.Architecture;

/// <summary>Each interface of the contracts has its grain: a client that finds none knows of no silo, and nothing else is wrong.</summary>
public sealed class ImplementedContractsTests
{
    [Fact]
    public void Every_grain_interface_is_implemented_once()
    {
        var interfaces = typeof(GeoPoint).Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).ToList();
        var grains = typeof(GrainsSiloBuilderExtensions).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }).ToList();

        Assert.NotEmpty(interfaces);
        Assert.All(interfaces, contract => Assert.Single(grains, grain => grain.IsAssignableTo(contract)));
        Assert.All(interfaces, contract => Assert.StartsWith("DroneDelivery.", contract.FullName!, StringComparison.Ordinal));
    }
}
