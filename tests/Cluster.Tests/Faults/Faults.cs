using System.Diagnostics;
using DroneDelivery.Faults;
using DroneDelivery.Processes;

[assembly: AssemblyFixture(typeof(Published))]

namespace DroneDelivery.Faults;

/// <summary>Tests that want the machine to themselves.</summary>
[CollectionDefinition(nameof(Faults), DisableParallelization = true)]
public sealed class Faults : ICollectionFixture<LocalCluster>;

/// <summary>Silo and gateway as the images hold them; made when first asked for.</summary>
public sealed class Published : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _publish;

    public Published() => _publish = new(async () =>
    {
        foreach (var component in new[] { "silo", "gateway" }) await PublishAsync(component);
    });

    /// <summary>The folder of a component.</summary>
    internal async Task<string> FolderAsync(string component)
    {
        await _publish.Value;
        return _folder.File(component);
    }

    public void Dispose() => _folder.Dispose();

    private async Task PublishAsync(string component)
    {
        using var publish = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "tools", "publish.sh"), [component, _folder.File(component)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0) throw new InvalidOperationException($"tools/publish.sh {component} failed.\n{await output}\n{await errors}");
    }
}

/// <summary>One cluster on the local store for all faults that can be had there, started when first asked for; each fault has to leave it whole for the next.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly LocalStore _store = new();
    private readonly Lazy<Task<RunningCluster>> _cluster;

    public LocalCluster(Published published) => _cluster = new(() => RunningCluster.StartAsync(
        published, _store, [.. Enumerable.Range(0, 3).Select(_ => new SiloProcess(_store.Settings))], _ => { }, TestContext.Current.CancellationToken));

    internal Task<RunningCluster> GetAsync() => _cluster.Value;

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated) await (await _cluster.Value).DisposeAsync();
        await _store.DisposeAsync();
    }
}
