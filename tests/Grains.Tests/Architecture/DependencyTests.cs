using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace DroneDelivery.Architecture;

public sealed class DependencyTests
{
    private static readonly System.Reflection.Assembly Contracts = typeof(GeoPoint).Assembly;
    private static readonly System.Reflection.Assembly Implementation = typeof(GrainsSiloBuilderExtensions).Assembly;
    private static readonly System.Reflection.Assembly Gateway = System.Reflection.Assembly.Load("DroneDelivery.Gateway");
    private static readonly System.Reflection.Assembly Silo = System.Reflection.Assembly.Load("DroneDelivery.Silo");

    private static readonly ArchUnitNET.Domain.Architecture Architecture =
        new ArchLoader().LoadAssemblies(Contracts, Implementation, Gateway, Silo).Build();

    private static IObjectProvider<IType> In(System.Reflection.Assembly assembly) => Types().That().ResideInAssembly(assembly);

    public static TheoryData<string, string> ContextPairs()
    {
        string[] contexts = ["Accounts", "Archiving", "Drones", "Erasure", "Invoicing", "Notifications", "Packages", "Scheduling", "Shipping", "ThirdParty"];
        var pairs = new TheoryData<string, string>();
        foreach (var from in contexts)
            foreach (var to in contexts.Where(context => context != from)) pairs.Add(from, to);
        return pairs;
    }

    [Fact]
    public void Contracts_depend_on_no_other_part() =>
        Types().That().ResideInAssembly(Contracts).Should().NotDependOnAny(In(Implementation)).AndShould().NotDependOnAny(In(Gateway))
            .AndShould().NotDependOnAny(In(Silo)).Check(Architecture);

    [Fact]
    public void Gateway_does_not_know_the_grains()
    {
        Types().That().ResideInAssembly(Gateway).Should().NotDependOnAny(In(Implementation)).AndShould().NotDependOnAny(In(Silo)).Check(Architecture);
        Assert.DoesNotContain(Implementation.GetName().Name, Gateway.GetReferencedAssemblies().Select(name => name.Name));
    }

    [Fact]
    public void Grains_do_not_know_their_hosts() =>
        Types().That().ResideInAssembly(Implementation).Should().NotDependOnAny(In(Gateway)).AndShould().NotDependOnAny(In(Silo)).Check(Architecture);

    [Theory]
    [MemberData(nameof(ContextPairs))]
    public void Context_uses_another_only_through_its_contracts(string from, string to) =>
        Types().That().ResideInAssembly(Implementation).And().ResideInNamespace($"DroneDelivery.{from}")
            .Should().NotDependOnAny(Types().That().ResideInAssembly(Implementation).And().ResideInNamespace($"DroneDelivery.{to}"))
            .Check(Architecture);

    [Fact]
    public void Domain_logic_is_free_of_Orleans() =>
        Types().That().ResideInAssembly(Implementation).And().ResideInNamespace("DroneDelivery.Navigation")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching("^Orleans")).WithoutRequiringPositiveResults().Check(Architecture);

    [Fact]
    public void Rules_see_a_violation()
    {
        // The request grain does use the contracts of Drones: a rule that forbids it has to fail.
        var rule = Types().That().ResideInAssembly(Implementation).And().ResideInNamespace("DroneDelivery.Scheduling")
            .Should().NotDependOnAny(Types().That().ResideInNamespace("DroneDelivery.Drones"));
        Assert.False(rule.HasNoViolations(Architecture));
    }
}
