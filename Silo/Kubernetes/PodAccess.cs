using System.Net;
using DroneDelivery.Startup;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Orleans.Hosting.Kubernetes;

namespace DroneDelivery.Kubernetes;

/// <summary>
/// Before the silo joins: it may get, list and watch pods, and its own pod carries the labels of its cluster. Without the verbs Orleans would ask for
/// ever and never say why; with other labels the silos of the cluster would take each other for dead.
/// </summary>
internal sealed partial class PodAccess(PodIdentity pod, KubernetesApiOptions options, TimeProvider time, ILogger<PodAccess> logger) : IStartupCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private string Selector => $"{KubernetesHostingOptions.ServiceIdLabel}={pod.ServiceId},{KubernetesHostingOptions.ClusterIdLabel}={pod.ClusterId}";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var configuration = KubernetesApi.Configuration();
        using var client = new k8s.Kubernetes(configuration);
        var attempts = new Attempts(configuration.Host, options, time, logger, cancellationToken);

        var missing = new List<string>();
        V1Pod? self = null;
        await Try("get", async stop => self = await client.CoreV1.ReadNamespacedPodAsync(pod.Name, pod.Namespace, cancellationToken: stop));
        if (self is not null) CheckLabels(self);
        await Try("list", stop => client.CoreV1.ListNamespacedPodAsync(pod.Namespace, labelSelector: Selector, limit: 1, cancellationToken: stop));
        await Try("watch", stop => WatchAsync(client, stop));
        if (missing.Count == 0) return;

        var verbs = string.Join(", ", missing);
        throw new StartupException(
            $"The service account of pod '{pod.Name}' may not {verbs} pods in namespace '{pod.Namespace}'; add the {(missing.Count == 1 ? "verb" : "verbs")} {verbs} on the resource pods to its Role.");

        async Task Try(string verb, Func<CancellationToken, Task> call)
        {
            if (!await attempts.IsAllowedAsync(verb, call, pod)) missing.Add(verb);
        }
    }

    // Its own pod is among those watched, so the first event comes at once.
    private async Task WatchAsync(k8s.Kubernetes client, CancellationToken cancellationToken)
    {
        await foreach (var _ in client.CoreV1.WatchListNamespacedPodAsync(pod.Namespace, labelSelector: Selector, timeoutSeconds: 1, cancellationToken: cancellationToken)) return;
    }

    private void CheckLabels(V1Pod self)
    {
        Check(KubernetesHostingOptions.ServiceIdLabel, KubernetesHostingOptions.ServiceIdEnvironmentVariable, pod.ServiceId);
        Check(KubernetesHostingOptions.ClusterIdLabel, KubernetesHostingOptions.ClusterIdEnvironmentVariable, pod.ClusterId);

        void Check(string label, string variable, string expected)
        {
            var actual = self.GetLabel(label);
            if (actual == expected) return;
            throw new StartupException(
                $"The label {label} of pod '{pod.Name}' {(actual is null ? "is missing" : $"is '{actual}'")}, but {variable} is '{expected}'; give both the same value in the pod's template.");
        }
    }

    /// <summary>Repeats calls while the API is slow or away, within one budget for all of them.</summary>
    private sealed class Attempts(string host, KubernetesApiOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        private readonly long _started = time.GetTimestamp();

        /// <returns>Whether the verb may be used.</returns>
        /// <exception cref="StartupException">The API does not know the silo or its pod, or gave no answer in time.</exception>
        public async Task<bool> IsAllowedAsync(string verb, Func<CancellationToken, Task> call, PodIdentity pod)
        {
            while (true)
            {
                string failure;
                try
                {
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    limit.CancelAfter(options.CallTimeout);
                    await call(limit.Token).WaitAsync(options.CallTimeout, time, cancellationToken);
                    return true;
                }
                catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.Forbidden)
                {
                    return false;
                }
                catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.Unauthorized)
                {
                    throw new StartupException($"The Kubernetes API at {host} does not accept the token of this pod's service account; see that the account exists and its token is mounted.", exception);
                }
                catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound)
                {
                    throw new StartupException($"There is no pod '{pod.Name}' in namespace '{pod.Namespace}'; set POD_NAME and POD_NAMESPACE from the pod's metadata.", exception);
                }
                catch (HttpOperationException exception)
                {
                    failure = $"it answered {(int)exception.Response.StatusCode}";
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException)
                {
                    failure = exception.GetBaseException().Message.TrimEnd('.');
                }
                catch (Exception exception) when (exception is OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
                {
                    failure = $"no answer within {options.CallTimeout.TotalSeconds:0.#} s";
                }

                var spent = time.GetElapsedTime(_started);
                if (spent + Pause >= options.Budget)
                    throw new StartupException($"The Kubernetes API at {host} could not be asked to {verb} pods within {options.Budget.TotalSeconds:0.#} s ({failure}); see that it is up and that network policies let the silo reach it.");
                LogRepeating(logger, verb, failure);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The Kubernetes API could not be asked to {Verb} pods: {Failure}; trying again")]
    private static partial void LogRepeating(ILogger logger, string verb, string failure);
}
