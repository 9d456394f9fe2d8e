using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Application;

/// <summary>Who may speak to whom.</summary>
public sealed class NetworkTests
{
    private const string Everywhere = "0.0.0.0/0";

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Everything_is_denied_by_default(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        if (scenario == "open-network")
        {
            Assert.Empty(rendering.All<V1NetworkPolicy>());
            return;
        }

        var deny = rendering.The<V1NetworkPolicy>("default-deny").Spec;
        Assert.Equal(["Ingress", "Egress"], deny.PolicyTypes);
        Assert.Null(deny.Ingress);
        Assert.Null(deny.Egress);
        Assert.All(rendering.Pods(), pod => Assert.True(deny.PodSelector.Selects(pod.Metadata.Labels)));

        // Each other policy opens something for one component.
        Assert.All(rendering.All<V1NetworkPolicy>().Where(policy => policy.Spec != deny), policy =>
            Assert.Equal([policy.Metadata.Labels[Labels.Component]], rendering.Pods().Where(pod => policy.Spec.PodSelector.Selects(pod.Metadata.Labels)).Select(pod => pod.Component)));
    }

    [Theory, InlineData("azure"), InlineData("trial"), InlineData("complete"), InlineData("httproute")]
    public async Task Silo_ports_are_open_to_silos_and_gateways_only(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        Assert.Equal(["silo"], Callers(rendering, "silo", 11111));
        Assert.Equal(["gateway"], Callers(rendering, "silo", 30000));
        var open = rendering.The<V1NetworkPolicy>("silo").Spec.Ingress.Where(rule => Has(rule.Ports, 11111) || Has(rule.Ports, 30000));
        Assert.All(open.SelectMany(rule => rule.FromProperty), peer => Assert.NotNull(peer.PodSelector));

        // What may come in may also go out, or nobody comes.
        Assert.Contains("silo", Called(rendering, "silo", 11111));
        Assert.Contains("silo", Called(rendering, "gateway", 30000));
        Assert.Empty(Called(rendering, "gateway", 11111));
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Probes_come_from_nodes_and_metrics_are_read_only_where_they_are_wanted(string component)
    {
        var plain = Rule(await Scenario.Application("azure").RenderAsync());
        Assert.Equal(["10.224.0.0/16"], plain.FromProperty.Select(peer => peer.IpBlock.Cidr));

        var monitored = Rule(await Scenario.Application("complete").RenderAsync());
        Assert.Contains(monitored.FromProperty, peer => peer.NamespaceSelector?.MatchLabels["kubernetes.io/metadata.name"] == "kube-system");

        V1NetworkPolicyIngressRule Rule(Rendering rendering) => Assert.Single(rendering.The<V1NetworkPolicy>(component).Spec.Ingress, rule => Has(rule.Ports, 8081));
    }

    [Theory, InlineData("azure", "app-routing-system", false), InlineData("httproute", "gateways", false), InlineData("complete", "app-routing-system", true)]
    public async Task Requests_come_from_the_way_in_only(string scenario, string from, bool tested)
    {
        var rule = Assert.Single((await Scenario.Application(scenario).RenderAsync()).The<V1NetworkPolicy>("gateway").Spec.Ingress, rule => Has(rule.Ports, 8080));
        Assert.Equal([from], rule.FromProperty.Where(peer => peer.NamespaceSelector is not null).Select(peer => peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]));
        Assert.Equal(tested ? ["test"] : [], rule.FromProperty.Where(peer => peer.PodSelector is not null).Select(peer => peer.PodSelector.MatchLabels[Labels.Component]));
        Assert.DoesNotContain(rule.FromProperty, peer => peer.IpBlock is not null);
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Ways_out_are_named_by_port_and_address(string component)
    {
        var egress = (await Scenario.Application("azure").RenderAsync()).The<V1NetworkPolicy>(component).Spec.Egress;
        Assert.All(egress, rule =>
        {
            Assert.NotEmpty(rule.To);
            Assert.NotEmpty(rule.Ports);
            Assert.DoesNotContain(rule.To, peer => peer.IpBlock?.Cidr == Everywhere);
            Assert.All(rule.To, peer => Assert.True(peer.IpBlock is not null || peer.PodSelector is not null));
        });

        var dns = Assert.Single(egress, rule => Has(rule.Ports, 53));
        Assert.Equal(["UDP", "TCP"], dns.Ports.Select(port => port.Protocol));
        Assert.Contains(dns.To, peer => peer.PodSelector?.MatchLabels["k8s-app"] == "kube-dns" && peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"] == "kube-system");

        var cosmos = Assert.Single(egress, rule => rule.Ports.Any(port => port.EndPort is not null));
        Assert.Equal([("443", null), ("10000", 20000)], cosmos.Ports.Select(port => (port.Port.Value, port.EndPort)));
        Assert.Single(egress, rule => rule.To.Any(peer => peer.IpBlock?.Cidr == "20.190.128.0/18"));
        Assert.Single(egress, rule => Has(rule.Ports, 4317));
    }

    [Fact]
    public async Task Only_silos_reach_the_Kubernetes_API()
    {
        var rendering = await Scenario.Application("azure").RenderAsync("{\"networkPolicy\":{\"kubernetesApi\":{\"cidrs\":[\"10.1.2.0/28\"],\"port\":6443}}}");
        var (silo, gateway) = (rendering.The<V1NetworkPolicy>("silo").Spec.Egress, rendering.The<V1NetworkPolicy>("gateway").Spec.Egress);
        Assert.Equal(["10.1.2.0/28"], Assert.Single(silo, rule => Has(rule.Ports, 6443)).To.Select(peer => peer.IpBlock.Cidr));
        Assert.DoesNotContain(gateway, rule => Has(rule.Ports, 6443));
    }

    [Fact]
    public async Task Only_silos_reach_the_transport_partner_and_only_they_are_told_of_it()
    {
        var rendering = await Scenario.Application("complete").RenderAsync();
        var (silo, gateway) = (rendering.The<V1NetworkPolicy>("silo").Spec.Egress, rendering.The<V1NetworkPolicy>("gateway").Spec.Egress);
        Assert.Single(silo, rule => Has(rule.Ports, 443) && rule.To.Any(peer => peer.IpBlock?.Cidr == "203.0.113.0/28"));
        Assert.DoesNotContain(gateway, rule => rule.To.Any(peer => peer.IpBlock?.Cidr == "203.0.113.0/28"));
        var settings = rendering.The<V1ConfigMap>("silo").Data;
        Assert.Equal(("acme", "https://api.acme.example/v2/"), (settings["Scheduling__PartnerId"], settings["ThirdParty__BaseAddress"]));
        Assert.DoesNotContain("Scheduling__PartnerId", rendering.The<V1ConfigMap>("gateway").Data.Keys);
        Assert.DoesNotContain("Scheduling__PartnerId", (await Scenario.Application("azure").RenderAsync()).The<V1ConfigMap>("silo").Data.Keys);
    }

    [Fact]
    public async Task Silos_reach_the_internet_only_when_they_may_and_nothing_near_even_then()
    {
        var closed = await Scenario.Application("azure").RenderAsync();
        var open = await Scenario.Application("complete").RenderAsync();
        Assert.All(new[] { closed.The<V1NetworkPolicy>("silo"), closed.The<V1NetworkPolicy>("gateway"), open.The<V1NetworkPolicy>("gateway") }, policy =>
            Assert.DoesNotContain(policy.Spec.Egress.SelectMany(rule => rule.To), peer => peer.IpBlock?.Cidr == Everywhere));

        var rule = Assert.Single(open.The<V1NetworkPolicy>("silo").Spec.Egress, rule => rule.To.Any(peer => peer.IpBlock?.Cidr == Everywhere));
        Assert.Equal([("TCP", "443")], rule.Ports.Select(port => (port.Protocol, port.Port.Value)));
        var except = Assert.Single(rule.To).IpBlock.Except;
        Assert.Superset(new HashSet<string> { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "168.63.129.16/32" }, except.ToHashSet());
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Ports_agree_between_containers_services_probes_settings_and_policies(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var deployment in rendering.All<V1Deployment>())
        {
            var component = deployment.Metadata.Labels[Labels.Component];
            var container = Assert.Single(deployment.Spec.Template.Spec.Containers);
            var ports = container.Ports.ToDictionary(port => port.Name, port => port.ContainerPort);
            Assert.All(ports.Keys, name => Assert.InRange(name.Length, 1, 15));
            Assert.All(new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }, probe => Assert.Contains(probe.HttpGet.Port.Value, ports.Keys));

            var settings = rendering.The<V1ConfigMap>(component).Data;
            Assert.Equal($"{ports["health"]}", settings["Hosting__HealthPort"]);
            if (component == "silo")
            {
                Assert.Equal($"{ports["silo"]}", settings["Orleans__Endpoints__SiloPort"]);
                Assert.Equal($"{ports["client"]}", settings["Orleans__Endpoints__GatewayPort"]);
            }
            else
            {
                Assert.Equal($"http://+:{ports["http"]}", settings["ASPNETCORE_URLS"]);
            }

            var service = rendering.The<V1Service>(component);
            Assert.True(service.Spec.Selector.Selects(deployment.Spec.Template.Metadata.Labels));
            Assert.Equal([component], rendering.Pods().Where(pod => service.Spec.Selector.Selects(pod.Metadata.Labels)).Select(pod => pod.Component));
            Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.Value, ports.Keys));
            Assert.True(deployment.Spec.Selector.Selects(deployment.Spec.Template.Metadata.Labels));

            var policy = rendering.All<V1NetworkPolicy>().SingleOrDefault(policy => policy.Metadata.Name == deployment.Metadata.Name);
            if (policy is not null) Assert.Equal(ports.Values.Order(), policy.Spec.Ingress.SelectMany(rule => rule.Ports).Select(port => int.Parse(port.Port.Value)).Order());
        }
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Services_are_reached_from_inside_only(string scenario) => Assert.All((await Scenario.Application(scenario).RenderAsync()).All<V1Service>(), service =>
    {
        Assert.Equal("ClusterIP", service.Spec.Type);
        Assert.All(service.Spec.Ports, port => Assert.Null(port.NodePort));
        Assert.Null(service.Spec.ExternalIPs);
    });

    private static IEnumerable<string> Callers(Rendering rendering, string component, int port) =>
        rendering.The<V1NetworkPolicy>(component).Spec.Ingress.Where(rule => Has(rule.Ports, port)).SelectMany(rule => rule.FromProperty)
            .Where(peer => peer.PodSelector is not null).SelectMany(peer => Components(rendering, peer.PodSelector));

    private static IEnumerable<string> Called(Rendering rendering, string component, int port) =>
        rendering.The<V1NetworkPolicy>(component).Spec.Egress.Where(rule => Has(rule.Ports, port)).SelectMany(rule => rule.To)
            .Where(peer => peer.PodSelector is not null && peer.NamespaceSelector is null).SelectMany(peer => Components(rendering, peer.PodSelector));

    private static IEnumerable<string> Components(Rendering rendering, V1LabelSelector selector) =>
        rendering.Pods().Where(pod => selector.Selects(pod.Metadata.Labels)).Select(pod => pod.Component);

    private static bool Has(IEnumerable<V1NetworkPolicyPort> ports, int port) => ports.Any(item => item.Port.Value == $"{port}");
}
