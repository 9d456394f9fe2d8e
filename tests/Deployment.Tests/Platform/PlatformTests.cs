using System.Text.RegularExpressions;
using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Platform;

/// <summary>What the cluster gets before the application. CEL cannot be evaluated here: the structure of the policy is checked, and its pattern.</summary>
public sealed class PlatformTests
{
    private static readonly string[] Environments = ["drone-delivery-development", "drone-delivery-staging", "drone-delivery-production"];

    private static Task<Rendering> RenderAsync() => new Scenario("platform", "three-environments").RenderAsync();

    [Fact]
    public async Task Environment_has_a_namespace_that_enforces_pod_security_and_outlives_the_chart()
    {
        var namespaces = (await RenderAsync()).All<V1Namespace>();
        Assert.Equal(Environments, namespaces.Select(item => item.Metadata.Name));
        Assert.All(namespaces, item =>
        {
            foreach (var mode in new[] { "enforce", "audit", "warn" }) Assert.Equal("restricted", item.Metadata.Labels[$"pod-security.kubernetes.io/{mode}"]);
            Assert.Equal("keep", item.Metadata.Annotations["helm.sh/resource-policy"]);
        });
    }

    [Fact]
    public async Task Environment_has_a_quota_without_a_limit_of_processor()
    {
        var quotas = (await RenderAsync()).All<V1ResourceQuota>();
        Assert.Equal(Environments, quotas.Select(item => item.Metadata.NamespaceProperty));
        Assert.All(quotas, item =>
        {
            // A quota of limits.cpu would refuse every pod without such a limit, hence every silo.
            Assert.Equal(["limits.memory", "pods", "requests.cpu", "requests.memory", "services.loadbalancers", "services.nodeports"], item.Spec.Hard.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(0m, item.Spec.Hard["services.loadbalancers"].ToDecimal());
        });
        Assert.Equal(["20", "30", "60"], quotas.Select(item => item.Spec.Hard["pods"].ToString()));
    }

    [Fact]
    public async Task Environment_has_a_limit_range_that_gives_no_limit_of_processor()
    {
        var ranges = (await RenderAsync()).All<V1LimitRange>();
        Assert.Equal(Environments, ranges.Select(item => item.Metadata.NamespaceProperty));
        Assert.All(ranges, item =>
        {
            var limit = Assert.Single(item.Spec.Limits);
            Assert.Equal("Container", limit.Type);
            Assert.Equal(["memory"], limit.DefaultProperty.Keys);
            Assert.Equal(["memory"], limit.Max.Keys);
            Assert.Equal(["cpu", "memory"], limit.DefaultRequest.Keys.Order());
        });
    }

    [Fact]
    public async Task Application_fits_into_what_an_environment_gives()
    {
        var range = (await RenderAsync()).All<V1LimitRange>()[0].Spec.Limits.Single();
        var quota = (await RenderAsync()).All<V1ResourceQuota>().Single(item => item.Metadata.NamespaceProperty == "drone-delivery-production").Spec.Hard;
        var application = await Scenario.Application("complete").RenderAsync();
        var greatest = application.All<V2HorizontalPodAutoscaler>().ToDictionary(hpa => hpa.Metadata.Name, hpa => hpa.Spec.MaxReplicas);
        var (pods, memory, processor) = (0m, 0m, 0m);
        foreach (var deployment in application.All<V1Deployment>())
        {
            // One more while rolling.
            var count = greatest[deployment.Metadata.Name] + 1;
            var resources = Assert.Single(deployment.Spec.Template.Spec.Containers).Resources;
            Assert.True(resources.Limits["memory"].ToDecimal() <= range.Max["memory"].ToDecimal());
            (pods, memory, processor) = (pods + count, memory + (count * resources.Limits["memory"].ToDecimal()), processor + (count * resources.Requests["cpu"].ToDecimal()));
        }

        Assert.True(pods < quota["pods"].ToDecimal() && memory < quota["limits.memory"].ToDecimal() && processor < quota["requests.cpu"].ToDecimal());
    }

    [Fact]
    public async Task Environment_denies_all_traffic_by_default()
    {
        var policies = (await RenderAsync()).All<V1NetworkPolicy>();
        Assert.Equal(Environments, policies.Select(item => item.Metadata.NamespaceProperty));
        Assert.All(policies, item =>
        {
            Assert.Equal(["Ingress", "Egress"], item.Spec.PolicyTypes);
            Assert.True(item.Spec.PodSelector.MatchLabels is null && item.Spec.PodSelector.MatchExpressions is null);
            Assert.True(item.Spec.Ingress is null && item.Spec.Egress is null);
        });
    }

    [Fact]
    public async Task Groups_are_bound_in_their_environment_only()
    {
        var bindings = (await RenderAsync()).All<V1RoleBinding>();
        Assert.Empty((await RenderAsync()).All<V1ClusterRoleBinding>());
        Assert.All(bindings.SelectMany(binding => binding.Subjects), subject => Assert.Equal(("Group", "rbac.authorization.k8s.io"), (subject.Kind, subject.ApiGroup)));
        Assert.Equal(
            [
                "development: ClusterRole admin for 1", "development: Role deployers for 1",
                "production: ClusterRole admin for 3", "production: ClusterRole view for 2,1", "production: Role deployers for 3", "production: Role operators for 4",
                "staging: ClusterRole admin for 3", "staging: ClusterRole view for 2", "staging: Role deployers for 3", "staging: Role operators for 1",
            ],
            bindings.Select(binding =>
                $"{binding.Metadata.NamespaceProperty["drone-delivery-".Length..]}: {binding.RoleRef.Kind} {binding.RoleRef.Name} for {string.Join(',', binding.Subjects.Select(subject => subject.Name[^1]))}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Operators_see_and_repair_pods_but_read_no_secrets()
    {
        var rendering = await RenderAsync();
        Assert.Empty(rendering.All<V1ClusterRole>());
        Assert.Equal(Environments, rendering.All<V1Role>().Where(role => role.Metadata.Name == "operators").Select(role => role.Metadata.NamespaceProperty));
        Assert.All(rendering.All<V1Role>().SelectMany(role => role.Rules), rule =>
        {
            Assert.DoesNotContain("*", rule.ApiGroups.Concat(rule.Resources).Concat(rule.Verbs));
            Assert.DoesNotContain("secrets", rule.Resources);
            Assert.DoesNotContain("pods/exec", rule.Resources);
        });

        var operators = rendering.All<V1Role>().First(role => role.Metadata.Name == "operators");
        foreach (var (group, resource, verb) in new[]
        {
            ("", "pods", "delete"), ("", "pods/eviction", "create"), ("", "pods/portforward", "create"), ("", "pods/log", "get"),
            ("apps", "deployments", "patch"), ("apps", "deployments/scale", "patch"), ("metrics.k8s.io", "pods", "list"),
        })
            Assert.True(May(operators, group, resource, verb), $"{verb} {resource}");

        // Scaling for good and deleting is for deployers.
        Assert.False(May(operators, "apps", "deployments", "delete"));
        Assert.False(May(operators, "", "configmaps", "patch"));
    }

    [Fact]
    public async Task Deployers_may_install_every_kind_of_the_application()
    {
        // Those that Kubernetes' role admin covers within a namespace.
        HashSet<string> admin =
        [
            "apps/Deployment", "/Service", "/ServiceAccount", "/ConfigMap", "/Pod", "rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/RoleBinding",
            "policy/PodDisruptionBudget", "autoscaling/HorizontalPodAutoscaler", "networking.k8s.io/Ingress", "networking.k8s.io/NetworkPolicy",
        ];
        var deployers = (await RenderAsync()).All<V1Role>().First(role => role.Metadata.Name == "deployers");
        foreach (var scenario in Scenario.Of("drone-delivery"))
        {
            Assert.All((await scenario.RenderAsync()).Objects, item =>
            {
                var group = item.ApiVersion.Contains('/') ? item.ApiVersion.Split('/')[0] : "";
                if (admin.Contains($"{group}/{item.Kind}")) return;
                var resource = item.Kind.EndsWith("ss", StringComparison.Ordinal) ? $"{item.Kind}es" : $"{item.Kind}s";
                foreach (var verb in new[] { "get", "create", "patch", "delete" }) Assert.True(May(deployers, group, resource.ToLowerInvariant(), verb), $"{verb} {group}/{resource}");
            });
        }
    }

    [Fact]
    public async Task Admission_checks_the_images_of_every_kind_of_container()
    {
        var spec = Assert.Single((await RenderAsync()).All<V1ValidatingAdmissionPolicy>()).Spec;
        Assert.Equal("Fail", spec.FailurePolicy);
        var rule = Assert.Single(spec.MatchConstraints.ResourceRules);
        Assert.Equal([""], rule.ApiGroups);
        Assert.Equal(["CREATE", "UPDATE"], rule.Operations);
        Assert.Equal(["pods", "pods/ephemeralcontainers"], rule.Resources);
        Assert.Null(spec.MatchConditions);
        Assert.Null(spec.MatchConstraints.ExcludeResourceRules);

        Assert.Equal(["trusted", "containers", "ephemeralContainers"], spec.Variables.Select(variable => variable.Name));
        Assert.Equal("object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])", spec.Variables[1].Expression);
        Assert.Equal("has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers : []", spec.Variables[2].Expression);
        Assert.Equal(
            ["containers", "ephemeralContainers"],
            spec.Validations.Select(validation => Regex.Match(validation.Expression, @"^variables\.(\w+)\.all\(container, container\.image\.matches\(variables\.trusted\)\)$").Groups[1].Value));
        Assert.All(spec.Validations, validation => Assert.Contains("contoso.azurecr.io", validation.Message));
    }

    [Theory]
    [InlineData("contoso.azurecr.io/drone-delivery/silo@sha256:", true)]
    [InlineData("contoso.azurecr.io/silo@sha256:", true)]
    [InlineData("contoso.azurecr.io/mirror/curl_8.x@sha256:", true)]
    [InlineData("contoso-azurecr.io/drone-delivery/silo@sha256:", false)]
    [InlineData("contosoXazurecrXio/silo@sha256:", false)]
    [InlineData("evil.example.com/contoso.azurecr.io/silo@sha256:", false)]
    [InlineData("contoso.azurecr.io.evil.example.com/silo@sha256:", false)]
    [InlineData("contoso.azurecr.io/drone-delivery/silo:latest@sha256:", false)]
    [InlineData("contoso.azurecr.io/drone-delivery/silo:1.0.0", false)]
    [InlineData("silo@sha256:", false)]
    public async Task Admission_trusts_one_registry_by_digest(string image, bool trusted)
    {
        var expression = Assert.Single((await RenderAsync()).All<V1ValidatingAdmissionPolicy>()).Spec.Variables[0].Expression;
        var pattern = Regex.Match(expression, "^r'(.*)'$").Groups[1].Value;
        Assert.StartsWith("^", pattern);
        Assert.EndsWith("$", pattern);
        Assert.Equal(trusted, Regex.IsMatch(image.EndsWith(':') ? image + new string('a', 64) : image, pattern));
        Assert.DoesNotMatch(pattern, image + new string('a', 63));
    }

    [Fact]
    public async Task Admission_admits_the_images_of_the_application()
    {
        var pattern = Assert.Single((await RenderAsync()).All<V1ValidatingAdmissionPolicy>()).Spec.Variables[0].Expression[2..^1];
        Assert.All((await Scenario.Application("complete").RenderAsync()).Pods().SelectMany(pod => pod.Spec.Containers), container => Assert.Matches(pattern, container.Image));
        Assert.All((await Scenario.Application("trial").RenderAsync()).Pods().SelectMany(pod => pod.Spec.Containers), container => Assert.DoesNotMatch(pattern, container.Image));
    }

    [Fact]
    public async Task Admission_denies_in_every_environment()
    {
        var rendering = await RenderAsync();
        var binding = Assert.Single(rendering.All<V1ValidatingAdmissionPolicyBinding>()).Spec;
        Assert.Equal(Assert.Single(rendering.All<V1ValidatingAdmissionPolicy>()).Metadata.Name, binding.PolicyName);
        Assert.Equal(["Deny", "Audit"], binding.ValidationActions);
        Assert.Null(binding.MatchResources.NamespaceSelector.MatchLabels);
        var expression = Assert.Single(binding.MatchResources.NamespaceSelector.MatchExpressions);
        Assert.Equal(("kubernetes.io/metadata.name", "In"), (expression.Key, expression.OperatorProperty));
        Assert.Equal(Environments, expression.Values);
    }

    [Theory]
    [InlineData("{\"trustedRegistry\":\"contoso.azurecr.io/team\"}", "/trustedRegistry")]
    [InlineData("{\"environments\":[]}", "/environments")]
    [InlineData("{\"environments\":[{\"name\":\"a\",\"namespace\":\"a\"}]}", "missing properties 'groups', 'quota'")]
    [InlineData("{\"limitRange\":{\"default\":{\"cpu\":\"1\"}}}", "'cpu' not allowed")]
    public async Task Wrong_value_is_refused(string values, string sentence)
    {
        var answer = await Helm.TemplateAsync(new("platform", "three-environments"), values);
        Assert.NotEqual(0, answer.ExitCode);
        Assert.Contains(sentence, answer.Errors);
    }

    private static bool May(V1Role role, string group, string resource, string verb) =>
        role.Rules.Any(rule => rule.ApiGroups.Contains(group) && rule.Resources.Contains(resource) && rule.Verbs.Contains(verb));
}
