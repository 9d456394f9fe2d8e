using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Application;

/// <summary>What pods may do.</summary>
public sealed class SecurityTests
{
    // The volumes that pod security "restricted" allows, fewer.
    private static readonly Func<V1Volume, bool>[] AllowedVolumes = [volume => volume.Projected is not null, volume => volume.Csi is not null, volume => volume.ConfigMap is not null];

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Pods_meet_pod_security_restricted(string scenario)
    {
        var pods = (await Scenario.Application(scenario).RenderAsync()).Pods();
        Assert.NotEmpty(pods);
        Assert.All(pods, pod =>
        {
            var context = pod.Spec.SecurityContext;
            Assert.True(context.RunAsNonRoot);
            Assert.Equal(10001, context.RunAsUser);
            Assert.Equal("RuntimeDefault", context.SeccompProfile.Type);
            Assert.Null(context.Sysctls);
            Assert.True(pod.Spec.HostNetwork is not true && pod.Spec.HostPID is not true && pod.Spec.HostIPC is not true);
            Assert.All(pod.Spec.Volumes ?? [], volume => Assert.Contains(AllowedVolumes, allowed => allowed(volume)));
            Assert.Null(pod.Spec.EphemeralContainers);
            Assert.All(pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []), container =>
            {
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.False(container.SecurityContext.Privileged);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.True(container.SecurityContext.RunAsNonRoot);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Null(container.SecurityContext.Capabilities.Add);
                Assert.Null(container.SecurityContext.RunAsUser);
                Assert.All(container.Ports ?? [], port => Assert.Null(port.HostPort));
            });
        });
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Images_are_named_by_digest(string scenario)
    {
        Assert.All((await Scenario.Application(scenario).RenderAsync()).Pods().SelectMany(pod => pod.Spec.Containers), container =>
        {
            var parts = container.Image.Split('@');
            Assert.Equal(2, parts.Length);
            Assert.Matches("^sha256:[0-9a-f]{64}$", parts[1]);

            // No tag beside the digest.
            Assert.DoesNotContain(':', parts[0].Split('/')[^1]);
        });
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Only_silos_hold_a_token_for_Kubernetes(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        Assert.All(rendering.All<V1ServiceAccount>(), account => Assert.False(account.AutomountServiceAccountToken));
        Assert.All(rendering.Pods(), pod =>
        {
            Assert.False(pod.Spec.AutomountServiceAccountToken);
            var tokens = (pod.Spec.Volumes ?? []).SelectMany(volume => volume.Projected?.Sources ?? []).Count(source => source.ServiceAccountToken is not null);
            Assert.Equal(pod.Component == "silo" ? 1 : 0, tokens);
        });

        var silo = rendering.The<V1Deployment>("silo").Spec.Template.Spec;
        var volume = Assert.Single(silo.Volumes, volume => volume.Projected?.Sources.Any(source => source.ServiceAccountToken is not null) is true);
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", Assert.Single(silo.Containers[0].VolumeMounts, mount => mount.Name == volume.Name).MountPath);
        Assert.Equal(["token", "ca.crt", "namespace"], volume.Projected.Sources.Select(source =>
            source.ServiceAccountToken?.Path ?? source.ConfigMap?.Items.Single().Path ?? source.DownwardAPI?.Items.Single().Path));
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Silos_may_see_pods_and_nothing_else(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        Assert.Empty(rendering.All<V1ClusterRole>());
        Assert.Empty(rendering.All<V1ClusterRoleBinding>());

        var role = Assert.Single(rendering.All<V1Role>());
        var rule = Assert.Single(role.Rules);
        Assert.Equal([""], rule.ApiGroups);
        Assert.Equal(["pods"], rule.Resources);
        Assert.Equal(scenario == "complete" ? ["get", "list", "watch", "patch", "delete"] : ["get", "list", "watch"], rule.Verbs);

        var binding = Assert.Single(rendering.All<V1RoleBinding>());
        Assert.Equal(("Role", role.Metadata.Name), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var subject = Assert.Single(binding.Subjects);
        Assert.Equal(("ServiceAccount", rendering.The<V1Deployment>("silo").Spec.Template.Spec.ServiceAccountName, Helm.Namespace), (subject.Kind, subject.Name, subject.NamespaceProperty));
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Every_pod_runs_under_an_account_of_its_own(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        var accounts = rendering.Pods().Select(pod => pod.Spec.ServiceAccountName).ToList();
        Assert.Equal(accounts.Count, accounts.Distinct().Count());
        Assert.Equal(accounts.Order(), rendering.All<V1ServiceAccount>().Select(account => account.Metadata.Name).Order());
    }
}
