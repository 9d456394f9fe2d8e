using System.Runtime.InteropServices;
using DroneDelivery.Deployment.Charts;
using DroneDelivery.Deployment.Images;

[assembly: AssemblyFixture(typeof(Published))]

namespace DroneDelivery.Deployment.Images;

/// <summary>Silo and gateway as <c>tools/publish.sh</c> makes them from the build context of the images, in folders that nobody may write to. Made when first asked for.</summary>
public sealed class Published : IAsyncDisposable
{
    /// <summary>The processor of the two that this machine does not have; the silo is published for it as well, as <c>silo</c> and this name.</summary>
    public static readonly string Foreign = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "amd64" : "arm64";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drone-delivery-published-");
    private readonly Lazy<Task> _publish;

    public Published() => _publish = new(PublishAsync);

    /// <summary>The folder of a component.</summary>
    public async Task<string> FolderAsync(string component)
    {
        await _publish.Value;
        return Path.Combine(_folder.FullName, component);
    }

    /// <summary>A folder that the processes may write to.</summary>
    public async Task<string> WritableAsync(string name)
    {
        var folder = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(folder);
        (await Command.RunAsync("chmod", ["a+rwx", folder])).OrFail();
        return folder;
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("chmod", ["-R", "u+w", _folder.FullName]);
        _folder.Delete(recursive: true);
    }

    private async Task PublishAsync()
    {
        var source = Path.Combine(_folder.FullName, "source");
        await BuildContext.CopyToAsync(source);
        foreach (var (component, processor) in new[] { ("silo", ""), ("gateway", ""), ("silo", Foreign) })
        {
            var folder = Path.Combine(_folder.FullName, component + processor);

            // No build server may be left behind: it would hold on to the output that is read here.
            (await Command.RunAsync(
                Path.Combine(source, "tools", "publish.sh"),
                processor.Length == 0 ? [component, folder] : [component, folder, processor],
                new Dictionary<string, string?> { ["CI"] = "true", ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0" },
                source)).OrFail();
            (await Command.RunAsync("chmod", ["-R", "a-w,a+rX", folder])).OrFail();
        }

        (await Command.RunAsync("chmod", ["a+rx", _folder.FullName])).OrFail();
    }
}
