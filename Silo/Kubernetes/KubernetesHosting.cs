using System.Net;
using System.Net.Sockets;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;
using Orleans.Configuration;
using Orleans.Hosting.Kubernetes;

namespace DroneDelivery.Kubernetes;

/// <summary>How a silo is found by others: in a pod by the pod's address, elsewhere by loopback or the address that is set.</summary>
internal static class KubernetesHosting
{
    /// <summary>
    /// In Kubernetes mode the pod gives the silo its name, its address and the names of its cluster, and pods that are deleted leave the cluster at
    /// once. Otherwise the silo is known by loopback, or by <c>Orleans:Endpoints:AdvertisedIPAddress</c> outside local mode.
    /// </summary>
    /// <exception cref="StartupException">A setting is wrong, or the environment of the pod lacks a variable.</exception>
    public static ISiloBuilder UseHostingMode(this ISiloBuilder silo)
    {
        if (HostingOptions.Read(silo.Configuration).Mode is not HostingMode.Kubernetes)
        {
            var advertised = AdvertisedAddress(silo.Configuration);
            return silo.Configure<EndpointOptions>(options => options.AdvertisedIPAddress = advertised);
        }

        var pod = PodIdentity.FromEnvironment();

        // Said here, because Orleans guesses an address before it reads POD_IP.
        silo.Configure<EndpointOptions>(options =>
        {
            var everywhere = pod.Address.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            options.AdvertisedIPAddress = pod.Address;
            options.SiloListeningEndpoint = new(everywhere, options.SiloPort);
            options.GatewayListeningEndpoint = new(everywhere, options.GatewayPort);
        });
        silo.Services.AddSingleton(pod);
        silo.Services.AddSingleton(KubernetesApiOptions.Read(silo.Configuration));
        silo.Services.AddStartupCheck<PodAccess>();
        return silo.UseKubernetesHosting(kubernetes => kubernetes.Configure(options => options.GetClientConfiguration = KubernetesApi.Configuration));
    }

    private static IPAddress AdvertisedAddress(IConfiguration configuration)
    {
        const string name = "Orleans:Endpoints:AdvertisedIPAddress";
        if (configuration[name] is not { Length: > 0 } text) return IPAddress.Loopback;
        if (!IPAddress.TryParse(text, out var address))
            throw new StartupException($"{name} is '{text}'; set it to an address of this machine that other silos and the gateways reach, or leave it out.");
        if (HostingOptions.IsLocal(configuration) && !IPAddress.IsLoopback(address))
            throw new StartupException($"{name} is '{text}', but local mode is for one machine alone; leave it out or choose another mode.");
        return address;
    }
}

/// <summary>What the pod's template tells the silo by its environment.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Address">Its address.</param>
/// <param name="ServiceId">Orleans' service id.</param>
/// <param name="ClusterId">Orleans' cluster id.</param>
internal sealed record PodIdentity(string Name, string Namespace, IPAddress Address, string ServiceId, string ClusterId)
{
    /// <exception cref="StartupException">A variable is missing or wrong.</exception>
    public static PodIdentity FromEnvironment()
    {
        var podIp = Variable(KubernetesHostingOptions.PodIPEnvironmentVariable, "the pod's status.podIP");
        if (!IPAddress.TryParse(podIp, out var address))
            throw new StartupException($"{KubernetesHostingOptions.PodIPEnvironmentVariable} is '{podIp}', which is no address; set it from the pod's status.podIP.");

        return new(
            Variable(KubernetesHostingOptions.PodNameEnvironmentVariable, "the pod's metadata.name"),
            Variable(KubernetesHostingOptions.PodNamespaceEnvironmentVariable, "the pod's metadata.namespace"),
            address,
            Variable(KubernetesHostingOptions.ServiceIdEnvironmentVariable, $"the pod's label {KubernetesHostingOptions.ServiceIdLabel}"),
            Variable(KubernetesHostingOptions.ClusterIdEnvironmentVariable, $"the pod's label {KubernetesHostingOptions.ClusterIdLabel}"));
    }

    private static string Variable(string name, string source) => Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value)
        ? value
        : throw new StartupException($"Hosting:Mode is Kubernetes, but the environment variable {name} is not set; set it from {source}, or set Hosting:Mode to Plain.");
}
