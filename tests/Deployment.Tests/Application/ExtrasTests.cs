using System.Text.Json.Nodes;
using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Application;

/// <summary>Monitoring, the test pod and the notes.</summary>
public sealed class ExtrasTests
{
    [Fact]
    public async Task Metrics_are_read_from_silos_and_gateways_on_the_health_port()
    {
        var rendering = await Scenario.Application("complete").RenderAsync();
        var monitor = rendering.The<PodMonitor>("monitor");
        Assert.Equal("azmonitoring.coreos.com/v1", monitor.ApiVersion);
        Assert.Equal([Helm.Namespace], monitor.Spec.Namespaces.MatchNames);
        Assert.Equal(["gateway", "silo"], rendering.Pods().Where(pod => monitor.Spec.Selector.Selects(pod.Metadata.Labels)).Select(pod => pod.Component).Order());
        var endpoint = Assert.Single(monitor.Spec.Endpoints);
        Assert.All(rendering.All<V1Deployment>(), item => Assert.Contains(endpoint.Port, item.Spec.Template.Spec.Containers[0].Ports.Select(port => port.Name)));
        Assert.Empty((await Scenario.Application("azure").RenderAsync()).All<PodMonitor>());
    }

    [Theory, InlineData("complete", true), InlineData("open-network", false)]
    public async Task Test_pod_asks_the_gateway_for_a_delivery(string scenario, bool token)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        var pod = Assert.Single(rendering.All<V1Pod>());
        Assert.Equal("test", pod.Metadata.Annotations["helm.sh/hook"]);
        Assert.Equal("Never", pod.Spec.RestartPolicy);
        Assert.Equal(token, pod.Metadata.Labels.ContainsKey("azure.workload.identity/use"));
        var container = Assert.Single(pod.Spec.Containers);
        Assert.Equal(["sh", "-c"], container.Command);
        Assert.Equal(File.ReadAllText(Repository.At("helm", "drone-delivery", "files", "make-a-delivery.sh")), Assert.Single(container.Args));
        Assert.Equal($"http://{rendering.The<V1Service>("gateway").Metadata.Name}", Assert.Single(container.Env, variable => variable.Name == "GATEWAY").Value);

        // A hook, so that it is there when the pod is; before it, by weight.
        var account = rendering.The<V1ServiceAccount>("test");
        Assert.Equal(("test", "-1"), (account.Metadata.Annotations["helm.sh/hook"], account.Metadata.Annotations["helm.sh/hook-weight"]));
        Assert.Equal(token, account.Metadata.Annotations.ContainsKey("azure.workload.identity/client-id"));
    }

    [Theory, InlineData("azure"), InlineData("keda"), InlineData("httproute")]
    public async Task Test_pod_is_there_only_where_it_is_wanted(string scenario) =>
        Assert.DoesNotContain((await Scenario.Application(scenario).RenderAsync()).Objects, item => item.Metadata.Labels[Labels.Component] == "test");

    [Theory]
    [InlineData("azure", "curl https://drones.contoso.com/api/probe")]
    [InlineData("complete", "helm test drones -n production --logs")]
    [InlineData("httproute", "curl https://drones.contoso.com/drones/api/probe")]
    [InlineData("trial", "The store is opened with a key.")]
    [InlineData("open-network", "There are no network policies")]
    public async Task Notes_say_what_to_do_next(string scenario, string sentence)
    {
        var release = JsonNode.Parse((await Helm.NotesAsync(Scenario.Application(scenario))).OrFail().Output)!;
        var notes = release["info"]!["notes"]!.GetValue<string>();
        Assert.Contains(sentence, notes);
        Assert.Contains("rollout status deployment/drones-drone-delivery-silo", notes);
    }
}
