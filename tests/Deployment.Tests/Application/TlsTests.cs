using DroneDelivery.Deployment.Charts;
using DroneDelivery.Tls;
using k8s.Models;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Deployment.Application;

/// <summary>Certificates of the connections between pods.</summary>
public sealed class TlsTests
{
    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Pods_find_the_certificate_that_is_issued_for_them(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var component in new[] { "silo", "gateway" })
        {
            var certificate = rendering.The<Certificate>(component).Spec;
            var (folder, secret) = Mounted(rendering, component);
            var options = Read(rendering, component);
            Assert.Equal(certificate.SecretName, secret);
            Assert.Equal(folder, options.Directory);
            Assert.Equal($"{component}.{options.Domain}", Assert.Single(certificate.DnsNames!));
            Assert.Equal(Certificate.Rotation.Always, certificate.PrivateKey.RotationPolicy);
        }

        Assert.Equal(Read(rendering, "silo").Domain, Read(rendering, "gateway").Domain);
        Assert.Contains(Helm.Namespace, Read(rendering, "silo").Domain);

        // A gateway is no server to silos, and could not pass for one.
        Assert.Equal(["digital signature", "server auth", "client auth"], rendering.The<Certificate>("silo").Spec.Usages);
        Assert.Equal(["digital signature", "client auth"], rendering.The<Certificate>("gateway").Spec.Usages);
    }

    [Fact]
    public async Task Authority_serves_this_release_alone_unless_an_issuer_is_named()
    {
        var rendering = await Scenario.Application("azure").RenderAsync();
        var (authority, issuer) = (rendering.The<Certificate>("authority").Spec, rendering.The<Issuer>("authority"));
        Assert.True(authority.IsCa);
        Assert.Equal(Certificate.Rotation.Never, authority.PrivateKey.RotationPolicy);
        Assert.Equal(authority.SecretName, issuer.Spec.Ca!.SecretName);
        var root = rendering.The<Issuer>("root");
        Assert.NotNull(root.Spec.SelfSigned);
        Assert.Equal(root.Metadata.Name, authority.IssuerRef.Name);
        foreach (var component in new[] { "silo", "gateway" })
            Assert.Equal(("Issuer", issuer.Metadata.Name), (rendering.The<Certificate>(component).Spec.IssuerRef.Kind, rendering.The<Certificate>(component).Spec.IssuerRef.Name));

        var named = await Scenario.Application("azure").RenderAsync("{\"tls\":{\"issuer\":{\"name\":\"company\"}}}");
        Assert.Empty(named.All<Issuer>());
        Assert.Equal(2, named.All<Certificate>().Count);
        Assert.All(named.All<Certificate>(), certificate => Assert.Equal(("ClusterIssuer", "company"), (certificate.Spec.IssuerRef.Kind, certificate.Spec.IssuerRef.Name)));
    }

    [Fact]
    public async Task Secrets_that_exist_are_mounted_and_nothing_is_issued()
    {
        var rendering = await Scenario.Application("azure").RenderAsync("{\"tls\":{\"secrets\":{\"silo\":\"of-silos\",\"gateway\":\"of-gateways\"}}}");
        Assert.Empty(rendering.All<Issuer>());
        Assert.Empty(rendering.All<Certificate>());
        Assert.Equal(("of-silos", "of-gateways"), (Mounted(rendering, "silo").Secret, Mounted(rendering, "gateway").Secret));
    }

    private static MutualTlsOptions Read(Rendering rendering, string component)
    {
        var settings = rendering.The<V1ConfigMap>(component).Data.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":"), (string?)pair.Value));
        return MutualTlsOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())!;
    }

    private static (string Folder, string Secret) Mounted(Rendering rendering, string component)
    {
        var pod = rendering.The<V1Deployment>(component).Spec.Template.Spec;
        var volume = Assert.Single(pod.Volumes, volume => volume.Name == "tls").Projected;
        var source = Assert.Single(volume.Sources).Secret;
        Assert.Equal(["tls.crt", "tls.key", "ca.crt"], source.Items.Select(item => item.Path));
        Assert.Equal(0b100_100_000, volume.DefaultMode);
        var mount = Assert.Single(pod.Containers[0].VolumeMounts, mount => mount.Name == "tls");
        Assert.True(mount.ReadOnlyProperty);
        Assert.Null(mount.SubPath);
        return (mount.MountPath, source.Name);
    }
}
