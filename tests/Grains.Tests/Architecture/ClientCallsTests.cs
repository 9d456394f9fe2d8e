using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DroneDelivery.Architecture;

/// <summary>What clients may call is what the gateway calls, no more and no less.</summary>
public sealed class ClientCallsTests
{
    [Fact]
    public void Allowed_grains_are_those_that_the_gateway_calls()
    {
        var called = CalledBy(Assembly.Load("DroneDelivery.Gateway")).Concat(CalledBy(typeof(ServiceDefaultsExtensions).Assembly)).Distinct();

        Assert.Equal(called.Order(), ClientCalls.Grains.Select(type => type.FullName!).Order());
    }

    [Fact]
    public void Allowed_interfaces_of_the_runtime_exist()
    {
        var known = new[] { "Orleans.Core", "Orleans.Core.Abstractions", "Orleans.Runtime", "Orleans.Dashboard" }.Select(Assembly.Load).ToList();
        Assert.All(ClientCalls.Runtime, name => Assert.Single(known, assembly => assembly.GetType(name) is { IsInterface: true }));
    }

    [Theory]
    [InlineData(nameof(IManagementGrain.GetHosts), true)]
    [InlineData(nameof(IManagementGrain.ForceGarbageCollection), false)]
    [InlineData(nameof(IManagementGrain.ForceActivationCollection), false)]
    public void Clients_may_ask_which_silos_there_are_and_manage_none(string method, bool allowed) =>
        Assert.Equal(allowed, ClientCalls.MayCall(typeof(IManagementGrain), method));

    /// <summary>The grain interfaces of the contracts of which an assembly's code calls a method.</summary>
    private static IEnumerable<string> CalledBy(Assembly assembly)
    {
        var grains = typeof(GeoPoint).Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).Select(type => type.FullName!).ToHashSet();
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        var called = new HashSet<string>();
        foreach (var handle in metadata.MemberReferences)
        {
            if (metadata.GetMemberReference(handle).Parent is not { Kind: HandleKind.TypeReference } parent) continue;
            var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
            var name = $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
            if (grains.Contains(name)) called.Add(name);
        }

        return called;
    }
}
