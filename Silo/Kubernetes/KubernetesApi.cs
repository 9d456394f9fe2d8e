using System.Globalization;
using DroneDelivery.Startup;
using k8s;
using k8s.Exceptions;

namespace DroneDelivery.Kubernetes;

/// <summary>How long the silo waits for the Kubernetes API before it starts; section <c>Hosting:Kubernetes</c>.</summary>
/// <param name="CallTimeout">One call.</param>
/// <param name="Budget">All calls and repetitions together.</param>
internal sealed record KubernetesApiOptions(TimeSpan CallTimeout, TimeSpan Budget)
{
    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static KubernetesApiOptions Read(IConfiguration configuration) => new(
        Time(configuration, "Hosting:Kubernetes:CallTimeout", TimeSpan.FromSeconds(5)),
        Time(configuration, "Hosting:Kubernetes:Budget", TimeSpan.FromSeconds(30)));

    private static TimeSpan Time(IConfiguration configuration, string key, TimeSpan defaultTime)
    {
        if (configuration[key] is not { Length: > 0 } text) return defaultTime;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time <= TimeSpan.FromMinutes(5)
            ? time
            : throw new StartupException($"{key} is '{text}'; set it to a time such as {defaultTime:c}, at most five minutes.");
    }
}

/// <summary>Where the Kubernetes API is and who the silo is to it.</summary>
internal static class KubernetesApi
{
    private const string KubeConfig = "KUBECONFIG";

    /// <summary>From the file that KUBECONFIG names, else from the service account of the pod.</summary>
    /// <exception cref="StartupException">Neither is there or can be read.</exception>
    public static KubernetesClientConfiguration Configuration()
    {
        var file = Environment.GetEnvironmentVariable(KubeConfig);
        try
        {
            return string.IsNullOrWhiteSpace(file)
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(file));
        }
        catch (KubeConfigException exception) when (string.IsNullOrWhiteSpace(file))
        {
            throw new StartupException(
                "Hosting:Mode is Kubernetes, but this process finds no service account of a pod; set automountServiceAccountToken to true in the pod's template, or Hosting:Mode to Plain.",
                exception);
        }
        catch (Exception exception) when (exception is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new StartupException($"The file '{file}' that KUBECONFIG names cannot be read as a kubeconfig; mend it, or unset KUBECONFIG to use the service account of the pod.", exception);
        }
    }
}
