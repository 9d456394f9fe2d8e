using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace DroneDelivery.Deployment.Charts;

/// <summary>What a chart renders, read strictly: an unknown kind, an unknown field or a value of the wrong type is an error.</summary>
internal sealed class Rendering
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    private static readonly Dictionary<(string ApiVersion, string Kind), Type> Models =
        typeof(V1Pod).Assembly.GetTypes().Concat(typeof(Rendering).Assembly.GetTypes())
            .Where(type => typeof(IKubernetesObject<V1ObjectMeta>).IsAssignableFrom(type) && !type.IsAbstract)
            .SelectMany(type => type.GetCustomAttributes<KubernetesEntityAttribute>(inherit: false).Select(entity => (Type: type, Entity: entity)))
            .ToDictionary(pair => (ApiVersion(pair.Entity), pair.Entity.Kind), pair => pair.Type);

    private Rendering(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects) => Objects = objects;

    /// <summary>All objects, hooks included.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    /// <summary>Reads what <c>helm template</c> wrote.</summary>
    /// <exception cref="JsonException">An object is not what Kubernetes knows.</exception>
    public static Rendering Read(string yaml) => new([.. StrictYaml.Read(yaml).Select(ReadObject)]);

    /// <summary>All objects of a kind.</summary>
    public IReadOnlyList<T> All<T>() where T : IKubernetesObject<V1ObjectMeta> => [.. Objects.OfType<T>()];

    /// <summary>The object of a kind whose name ends with <paramref name="component"/>.</summary>
    public T The<T>(string component) where T : IKubernetesObject<V1ObjectMeta> =>
        Assert.Single(All<T>(), item => item.Metadata.Name.EndsWith($"-{component}", StringComparison.Ordinal));

    /// <summary>The pods that the rendering leads to, by component: those of its deployments and its test.</summary>
    public IReadOnlyList<(string Component, V1ObjectMeta Metadata, V1PodSpec Spec)> Pods() =>
    [
        .. All<V1Deployment>().Select(item => (item.Metadata.Labels[Labels.Component], item.Spec.Template.Metadata, item.Spec.Template.Spec)),
        .. All<V1Pod>().Select(item => (item.Metadata.Labels[Labels.Component], item.Metadata, item.Spec)),
    ];

    private static string ApiVersion(KubernetesEntityAttribute entity) => string.IsNullOrEmpty(entity.Group) ? entity.ApiVersion : $"{entity.Group}/{entity.ApiVersion}";

    private static IKubernetesObject<V1ObjectMeta> ReadObject(JsonNode json)
    {
        var (version, kind) = (json["apiVersion"]!.GetValue<string>(), json["kind"]!.GetValue<string>());
        if (!Models.TryGetValue((version, kind), out var model)) throw new JsonException($"There is no {kind} in {version}.");
        return (IKubernetesObject<V1ObjectMeta>)json.Deserialize(model, Strict)!;
    }
}
