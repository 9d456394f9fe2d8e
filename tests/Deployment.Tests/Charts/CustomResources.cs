using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace DroneDelivery.Deployment.Charts;

// KubernetesClient has no models of these. Each holds the part of the published definition that the charts use, with what it requires and
// the values that it allows; whatever else a chart might write is refused as an unknown field.

internal abstract class CustomResource<TSpec> : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")] public required string ApiVersion { get; set; }
    [JsonPropertyName("kind")] public required string Kind { get; set; }
    [JsonPropertyName("metadata")] public required V1ObjectMeta Metadata { get; set; }
    [JsonPropertyName("spec")] public required TSpec Spec { get; set; }
}

[KubernetesEntity(Group = "secrets-store.csi.x-k8s.io", ApiVersion = "v1", Kind = "SecretProviderClass", PluralName = "secretproviderclasses")]
internal sealed class SecretProviderClass : CustomResource<SecretProviderClass.ClassSpec>
{
    public sealed record ClassSpec(
        [property: JsonPropertyName("provider"), JsonRequired] string Provider,
        [property: JsonPropertyName("parameters"), JsonRequired] IReadOnlyDictionary<string, string> Parameters,
        [property: JsonPropertyName("secretObjects"), JsonRequired] IReadOnlyList<SecretObject> SecretObjects);

    public sealed record SecretObject(
        [property: JsonPropertyName("secretName"), JsonRequired] string SecretName,
        [property: JsonPropertyName("type"), JsonRequired] string Type,
        [property: JsonPropertyName("data"), JsonRequired] IReadOnlyList<SecretData> Data);

    public sealed record SecretData(
        [property: JsonPropertyName("objectName"), JsonRequired] string ObjectName,
        [property: JsonPropertyName("key"), JsonRequired] string Key);
}

[KubernetesEntity(Group = "monitoring.coreos.com", ApiVersion = "v1", Kind = "PodMonitor", PluralName = "podmonitors")]
internal class PodMonitor : CustomResource<PodMonitor.MonitorSpec>
{
    public sealed record MonitorSpec(
        [property: JsonPropertyName("selector"), JsonRequired] V1LabelSelector Selector,
        [property: JsonPropertyName("namespaceSelector"), JsonRequired] Namespaces Namespaces,
        [property: JsonPropertyName("podTargetLabels")] IReadOnlyList<string>? PodTargetLabels,
        [property: JsonPropertyName("podMetricsEndpoints"), JsonRequired] IReadOnlyList<Endpoint> Endpoints);

    public sealed record Namespaces([property: JsonPropertyName("matchNames"), JsonRequired] IReadOnlyList<string> MatchNames);

    public sealed record Endpoint(
        [property: JsonPropertyName("port"), JsonRequired] string Port,
        [property: JsonPropertyName("path")] string? Path,
        [property: JsonPropertyName("interval")] string? Interval);
}

/// <summary>The same under the name that Azure's managed Prometheus gives it.</summary>
[KubernetesEntity(Group = "azmonitoring.coreos.com", ApiVersion = "v1", Kind = "PodMonitor", PluralName = "podmonitors")]
internal sealed class AzurePodMonitor : PodMonitor;

[KubernetesEntity(Group = "gateway.networking.k8s.io", ApiVersion = "v1", Kind = "HTTPRoute", PluralName = "httproutes")]
internal sealed class HttpRoute : CustomResource<HttpRoute.RouteSpec>
{
    public enum PathMatchType { Exact, PathPrefix, RegularExpression }

    public enum FilterType { RequestHeaderModifier, URLRewrite }

    public enum PathModifierType { ReplaceFullPath, ReplacePrefixMatch }

    public sealed record RouteSpec(
        [property: JsonPropertyName("parentRefs"), JsonRequired] IReadOnlyList<ParentRef> ParentRefs,
        [property: JsonPropertyName("hostnames"), JsonRequired] IReadOnlyList<string> Hostnames,
        [property: JsonPropertyName("rules"), JsonRequired] IReadOnlyList<Rule> Rules);

    public sealed record ParentRef(
        [property: JsonPropertyName("name"), JsonRequired] string Name,
        [property: JsonPropertyName("namespace")] string? Namespace,
        [property: JsonPropertyName("sectionName")] string? SectionName);

    public sealed record Rule(
        [property: JsonPropertyName("matches"), JsonRequired] IReadOnlyList<Match> Matches,
        [property: JsonPropertyName("filters")] IReadOnlyList<Filter>? Filters,
        [property: JsonPropertyName("backendRefs"), JsonRequired] IReadOnlyList<BackendRef> BackendRefs);

    public sealed record Match([property: JsonPropertyName("path"), JsonRequired] PathMatch Path);

    public sealed record PathMatch(
        [property: JsonPropertyName("type"), JsonRequired, JsonConverter(typeof(JsonStringEnumConverter<PathMatchType>))] PathMatchType Type,
        [property: JsonPropertyName("value"), JsonRequired] string Value);

    public sealed record Filter(
        [property: JsonPropertyName("type"), JsonRequired, JsonConverter(typeof(JsonStringEnumConverter<FilterType>))] FilterType Type,
        [property: JsonPropertyName("requestHeaderModifier")] HeaderModifier? RequestHeaderModifier,
        [property: JsonPropertyName("urlRewrite")] Rewrite? UrlRewrite);

    public sealed record HeaderModifier([property: JsonPropertyName("set"), JsonRequired] IReadOnlyList<Header> Set);

    public sealed record Header(
        [property: JsonPropertyName("name"), JsonRequired] string Name,
        [property: JsonPropertyName("value"), JsonRequired] string Value);

    public sealed record Rewrite([property: JsonPropertyName("path"), JsonRequired] PathModifier Path);

    public sealed record PathModifier(
        [property: JsonPropertyName("type"), JsonRequired, JsonConverter(typeof(JsonStringEnumConverter<PathModifierType>))] PathModifierType Type,
        [property: JsonPropertyName("replaceFullPath")] string? ReplaceFullPath,
        [property: JsonPropertyName("replacePrefixMatch")] string? ReplacePrefixMatch);

    public sealed record BackendRef(
        [property: JsonPropertyName("name"), JsonRequired] string Name,
        [property: JsonPropertyName("port"), JsonRequired] int Port);
}

[KubernetesEntity(Group = "keda.sh", ApiVersion = "v1alpha1", Kind = "ScaledObject", PluralName = "scaledobjects")]
internal sealed class ScaledObject : CustomResource<ScaledObject.ScalingSpec>
{
    public enum MetricType { AverageValue, Value, Utilization }

    public sealed record ScalingSpec(
        [property: JsonPropertyName("scaleTargetRef"), JsonRequired] Target Target,
        [property: JsonPropertyName("minReplicaCount"), JsonRequired] int MinReplicaCount,
        [property: JsonPropertyName("maxReplicaCount"), JsonRequired] int MaxReplicaCount,
        [property: JsonPropertyName("pollingInterval")] int? PollingInterval,
        [property: JsonPropertyName("advanced"), JsonRequired] AdvancedSpec Advanced,
        [property: JsonPropertyName("triggers"), JsonRequired] IReadOnlyList<Trigger> Triggers);

    public sealed record Target(
        [property: JsonPropertyName("apiVersion")] string? ApiVersion,
        [property: JsonPropertyName("kind")] string? Kind,
        [property: JsonPropertyName("name"), JsonRequired] string Name);

    public sealed record AdvancedSpec([property: JsonPropertyName("horizontalPodAutoscalerConfig"), JsonRequired] AutoscalerConfig AutoscalerConfig);

    public sealed record AutoscalerConfig([property: JsonPropertyName("behavior"), JsonRequired] V2HorizontalPodAutoscalerBehavior Behavior);

    public sealed record Trigger(
        [property: JsonPropertyName("type"), JsonRequired] string Type,
        [property: JsonPropertyName("metricType"), JsonConverter(typeof(JsonStringEnumConverter<MetricType>))] MetricType MetricType,
        [property: JsonPropertyName("metadata"), JsonRequired] IReadOnlyDictionary<string, string> Metadata,
        [property: JsonPropertyName("authenticationRef")] Reference? AuthenticationRef);

    public sealed record Reference([property: JsonPropertyName("name"), JsonRequired] string Name);
}

[KubernetesEntity(Group = "cert-manager.io", ApiVersion = "v1", Kind = "Issuer", PluralName = "issuers")]
internal sealed class Issuer : CustomResource<Issuer.IssuerSpec>
{
    public sealed record IssuerSpec(
        [property: JsonPropertyName("selfSigned")] SelfSigned? SelfSigned,
        [property: JsonPropertyName("ca")] Authority? Ca);

    public sealed record SelfSigned;

    public sealed record Authority([property: JsonPropertyName("secretName"), JsonRequired] string SecretName);
}

[KubernetesEntity(Group = "cert-manager.io", ApiVersion = "v1", Kind = "Certificate", PluralName = "certificates")]
internal sealed class Certificate : CustomResource<Certificate.CertificateSpec>
{
    public enum Rotation { Never, Always }

    public enum Algorithm { RSA, ECDSA, Ed25519 }

    public sealed record CertificateSpec(
        [property: JsonPropertyName("secretName"), JsonRequired] string SecretName,
        [property: JsonPropertyName("issuerRef"), JsonRequired] Reference IssuerRef,
        [property: JsonPropertyName("commonName")] string? CommonName,
        [property: JsonPropertyName("dnsNames")] IReadOnlyList<string>? DnsNames,
        [property: JsonPropertyName("isCA")] bool IsCa,
        [property: JsonPropertyName("usages")] IReadOnlyList<string>? Usages,
        [property: JsonPropertyName("duration")] string? Duration,
        [property: JsonPropertyName("renewBefore")] string? RenewBefore,
        [property: JsonPropertyName("privateKey"), JsonRequired] Key PrivateKey);

    public sealed record Key(
        [property: JsonPropertyName("algorithm"), JsonConverter(typeof(JsonStringEnumConverter<Algorithm>))] Algorithm Algorithm,
        [property: JsonPropertyName("size")] int Size,
        [property: JsonPropertyName("rotationPolicy"), JsonConverter(typeof(JsonStringEnumConverter<Rotation>))] Rotation RotationPolicy);

    public sealed record Reference(
        [property: JsonPropertyName("group")] string? Group,
        [property: JsonPropertyName("kind")] string? Kind,
        [property: JsonPropertyName("name"), JsonRequired] string Name);
}
