using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Application;

/// <summary>How many pods there are.</summary>
public sealed class ScalingTests
{
    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Number_of_pods_has_exactly_one_owner(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var deployment in rendering.All<V1Deployment>())
        {
            var owners = rendering.All<V2HorizontalPodAutoscaler>().Count(hpa => Is(deployment, hpa.Spec.ScaleTargetRef.ApiVersion, hpa.Spec.ScaleTargetRef.Kind, hpa.Spec.ScaleTargetRef.Name))
                + rendering.All<ScaledObject>().Count(scaled => Is(deployment, scaled.Spec.Target.ApiVersion, scaled.Spec.Target.Kind, scaled.Spec.Target.Name))
                + (deployment.Spec.Replicas is null ? 0 : 1);
            Assert.Equal(1, owners);
        }
    }

    [Theory, InlineData("hpa", 1), InlineData("complete", 2)]
    public async Task Silos_scale_by_processor_and_activations(string scenario, int metrics)
    {
        var hpa = (await Scenario.Application(scenario).RenderAsync()).The<V2HorizontalPodAutoscaler>("silo").Spec;
        Assert.Equal((3, 10), (hpa.MinReplicas, hpa.MaxReplicas));
        Assert.Equal(metrics, hpa.Metrics.Count);
        var cpu = Assert.Single(hpa.Metrics, metric => metric.Type == "Resource").Resource;
        Assert.Equal(("cpu", "AverageValue", "600m"), (cpu.Name, cpu.Target.Type, cpu.Target.AverageValue.ToString()));
        if (metrics == 2)
        {
            var activations = Assert.Single(hpa.Metrics, metric => metric.Type == "Pods").Pods;
            Assert.Equal(("orleans_catalog_activations", 100000m), (activations.Metric.Name, activations.Target.AverageValue.ToDecimal()));
        }

        AssertFastUpSlowDown(hpa.Behavior);
    }

    [Fact]
    public async Task Gateways_scale_by_processor()
    {
        var hpa = (await Scenario.Application("azure").RenderAsync()).The<V2HorizontalPodAutoscaler>("gateway").Spec;
        Assert.Equal((2, 10), (hpa.MinReplicas, hpa.MaxReplicas));
        Assert.Equal("500m", Assert.Single(hpa.Metrics).Resource.Target.AverageValue.ToString());
        AssertFastUpSlowDown(hpa.Behavior);
    }

    [Fact]
    public async Task Keda_scales_silos_by_processor_and_activations()
    {
        var scaled = (await Scenario.Application("keda").RenderAsync()).The<ScaledObject>("silo").Spec;
        Assert.Equal((3, 12), (scaled.MinReplicaCount, scaled.MaxReplicaCount));
        Assert.Equal(["cpu", "prometheus"], scaled.Triggers.Select(trigger => trigger.Type));
        Assert.All(scaled.Triggers, trigger => Assert.Equal(ScaledObject.MetricType.AverageValue, trigger.MetricType));
        Assert.Equal("600m", scaled.Triggers[0].Metadata["value"]);
        Assert.Equal($"sum(orleans_catalog_activations{{namespace=\"{Helm.Namespace}\"}})", scaled.Triggers[1].Metadata["query"]);
        Assert.Equal("100000", scaled.Triggers[1].Metadata["threshold"]);
        Assert.Equal("azure-monitor", scaled.Triggers[1].AuthenticationRef!.Name);
        AssertFastUpSlowDown(scaled.Advanced.AutoscalerConfig.Behavior);
    }

    private static bool Is(V1Deployment deployment, string? apiVersion, string? kind, string name) =>
        (apiVersion, kind, name) == (deployment.ApiVersion, deployment.Kind, deployment.Metadata.Name);

    private static void AssertFastUpSlowDown(V2HorizontalPodAutoscalerBehavior behavior)
    {
        Assert.Equal(0, behavior.ScaleUp.StabilizationWindowSeconds);
        Assert.All(behavior.ScaleUp.Policies, policy => Assert.InRange(policy.PeriodSeconds, 1, 15));
        Assert.Equal(600, behavior.ScaleDown.StabilizationWindowSeconds);
        var down = Assert.Single(behavior.ScaleDown.Policies);
        Assert.Equal(("Pods", 1, 120), (down.Type, down.Value, down.PeriodSeconds));
    }
}
