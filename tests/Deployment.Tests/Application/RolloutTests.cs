using System.Globalization;
using DroneDelivery.Deployment.Charts;
using DroneDelivery.Gateway.Hosting;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Deployment.Application;

/// <summary>How pods come and go.</summary>
public sealed class RolloutTests
{
    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Roll_adds_one_pod_before_it_takes_one_away(string scenario)
    {
        var deployments = (await Scenario.Application(scenario).RenderAsync()).All<V1Deployment>();
        Assert.Equal(["gateway", "silo"], deployments.Select(item => item.Metadata.Labels[Labels.Component]).Order());
        Assert.All(deployments, item =>
        {
            Assert.Equal("RollingUpdate", item.Spec.Strategy.Type);
            Assert.Equal("0", item.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
            Assert.Equal("1", item.Spec.Strategy.RollingUpdate.MaxSurge.Value);
            Assert.Equal(5, item.Spec.MinReadySeconds);
        });
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Probes_have_the_measured_rhythm_on_a_port_of_their_own(string component)
    {
        var container = Container(await Scenario.Application("azure").RenderAsync(), component);
        Assert.Equal(("/health/startup", "health", 1, 120), Of(container.StartupProbe));
        Assert.Equal(("/health/ready", "health", 1, 2), Of(container.ReadinessProbe));
        Assert.Equal(("/health/live", "health", 10, 3), Of(container.LivenessProbe));
        var health = Assert.Single(container.Ports, port => port.Name == "health");
        Assert.Equal(container.Ports.Count, container.Ports.Select(port => port.ContainerPort).Distinct().Count());
        Assert.Equal(8081, health.ContainerPort);

        static (string, string, int?, int?) Of(V1Probe probe) =>
            (probe.HttpGet.Path, probe.HttpGet.Port.Value, probe.PeriodSeconds, probe.FailureThreshold);
    }

    [Fact]
    public async Task Silo_stops_within_its_grace()
    {
        var rendering = await Scenario.Application("azure").RenderAsync();
        AssertFits(rendering, "silo", SiloShutdownTimeout());
    }

    [Fact]
    public async Task Gateway_drains_and_stops_within_its_grace()
    {
        var rendering = await Scenario.Application("azure").RenderAsync();
        var shutdown = GatewayShutdownTimeout();
        AssertFits(rendering, "gateway", shutdown);

        // The host counts draining as part of stopping; what is left is for the requests in flight.
        var drain = TimeSpan.Parse(rendering.The<V1ConfigMap>("gateway").Data["Drain__Grace"], CultureInfo.InvariantCulture);
        Assert.InRange(drain, TimeSpan.FromSeconds(1), shutdown - TimeSpan.FromSeconds(20));
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Changed_setting_replaces_the_pods_and_a_new_chart_does_not(string component)
    {
        var scenario = Scenario.Application("azure");
        var before = Template(await scenario.RenderAsync());
        Assert.NotEqual(before.Annotations["checksum/config"], Template(await scenario.RenderAsync("{\"cosmos\":{\"databaseName\":\"other\"}}")).Annotations["checksum/config"]);
        Assert.DoesNotContain("helm.sh/chart", before.Labels.Keys);
        Assert.DoesNotContain("app.kubernetes.io/version", before.Labels.Keys);

        V1ObjectMeta Template(Rendering rendering) => rendering.The<V1Deployment>(component).Spec.Template.Metadata;
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Pods_are_spread_over_zones_and_nodes(string scenario)
    {
        Assert.All((await Scenario.Application(scenario).RenderAsync()).All<V1Deployment>(), item =>
        {
            var constraints = item.Spec.Template.Spec.TopologySpreadConstraints;
            Assert.Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], constraints.Select(constraint => constraint.TopologyKey));
            Assert.All(constraints, constraint =>
            {
                Assert.Equal(1, constraint.MaxSkew);
                Assert.True(constraint.LabelSelector.Selects(item.Spec.Template.Metadata.Labels));
                Assert.Equal(["pod-template-hash"], constraint.MatchLabelKeys);
            });
        });
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Disruptions_take_one_pod_of_a_component_at_a_time(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var component in new[] { "silo", "gateway" })
        {
            var budget = rendering.The<V1PodDisruptionBudget>(component);
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
            Assert.Equal([component], rendering.Pods().Where(pod => budget.Spec.Selector.Selects(pod.Metadata.Labels)).Select(pod => pod.Component));
        }
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Processor_has_no_limit_and_memory_has(string scenario)
    {
        Assert.All((await Scenario.Application(scenario).RenderAsync()).Pods().SelectMany(pod => pod.Spec.Containers), container =>
        {
            Assert.Equal(["memory"], container.Resources.Limits.Keys);
            Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order());
            Assert.True(container.Resources.Requests["memory"].ToDecimal() <= container.Resources.Limits["memory"].ToDecimal());
        });
    }

    private static void AssertFits(Rendering rendering, string component, TimeSpan shutdown)
    {
        var pod = rendering.The<V1Deployment>(component).Spec.Template.Spec;
        var sleep = Container(rendering, component).Lifecycle.PreStop.Sleep.Seconds;
        Assert.Equal(5, sleep);
        var sum = TimeSpan.FromSeconds(sleep) + shutdown;
        Assert.True(sum < TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value), $"{component}: {sum} of {pod.TerminationGracePeriodSeconds} s.");
    }

    private static V1Container Container(Rendering rendering, string component) =>
        Assert.Single(rendering.The<V1Deployment>(component).Spec.Template.Spec.Containers);

    private static TimeSpan GatewayShutdownTimeout()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddGateway();
        return ShutdownTimeout(builder.Services);
    }

    private static TimeSpan SiloShutdownTimeout()
    {
        var builder = WebApplication.CreateBuilder();
        builder.UseOrleans(silo => silo.UseClusterSettings());
        return ShutdownTimeout(builder.Services);
    }

    private static TimeSpan ShutdownTimeout(IServiceCollection services)
    {
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
    }
}
