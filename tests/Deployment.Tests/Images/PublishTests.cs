using System.Net;
using System.Net.Sockets;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Images;

/// <summary>What the images hold runs as the chart runs it, as far as that can be had without an engine.</summary>
[Trait("Category", "Slow")]
public sealed class PublishTests(Published published)
{
    [Theory, InlineData("silo", "Silo"), InlineData("gateway", "Gateway")]
    public async Task Published_folder_holds_what_runs_and_nothing_else(string component, string project)
    {
        var folder = await published.FolderAsync(component);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).ToList();
        Assert.Contains($"DroneDelivery.{project}.dll", files);
        Assert.Contains($"DroneDelivery.{project}.runtimeconfig.json", files);
        Assert.Contains("appsettings.json", component == "gateway" ? files : ["appsettings.json"]);

        // Neither an executable, nor libraries of other systems, nor what only developers need.
        Assert.DoesNotContain($"DroneDelivery.{project}", files);
        Assert.DoesNotContain(files, file => file.EndsWith(".pdb", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("silo", "DroneDelivery.Silo.dll")]
    [InlineData("silo", "DroneDelivery.Grains.dll")]
    [InlineData("silo", "Orleans.Runtime.dll")]
    [InlineData("gateway", "DroneDelivery.Gateway.dll")]
    public async Task Published_code_is_compiled_for_this_processor(string component, string file) =>
        Assert.Equal(RuntimeInformation.ProcessArchitecture, Compiled(Path.Combine(await published.FolderAsync(component), file)));

    [Theory, InlineData("DroneDelivery.Silo.dll"), InlineData("DroneDelivery.Grains.dll"), InlineData("Orleans.Runtime.dll")]
    public async Task Published_code_is_compiled_for_the_other_processor_when_asked(string file)
    {
        var other = Published.Foreign == "arm64" ? Architecture.Arm64 : Architecture.X64;
        Assert.Equal(other, Compiled(Path.Combine(await published.FolderAsync($"silo{Published.Foreign}"), file)));
    }

    [Fact]
    public async Task Published_silo_and_gateway_serve_a_delivery_as_an_ordinary_user_from_read_only_folders()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var store = Path.Combine(await published.WritableAsync("store"), "drone-delivery.db");
        var ports = FreePorts(4);
        await using var silo = new UnprivilegedProcess(await published.FolderAsync("silo"), "DroneDelivery.Silo.dll", new Dictionary<string, string>
        {
            ["Storage__Sqlite__Path"] = store,
            ["Orleans__Endpoints__SiloPort"] = $"{ports[0]}",
            ["Orleans__Endpoints__GatewayPort"] = $"{ports[1]}",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ports[2]}",
        });
        await silo.AnswersAsync($"http://127.0.0.1:{ports[2]}/health/ready", cancellationToken);
        await using var gateway = new UnprivilegedProcess(await published.FolderAsync("gateway"), "DroneDelivery.Gateway.dll", new Dictionary<string, string>
        {
            ["Storage__Sqlite__Path"] = store,
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ports[3]}",
        });
        var address = $"http://127.0.0.1:{ports[3]}";
        await gateway.AnswersAsync($"{address}/health/ready", cancellationToken);

        // The account that builds may be root; the processes never are.
        Assert.All(new[] { silo, gateway }, process => Assert.NotEqual("0", process.User));
        if (Environment.IsPrivilegedProcess) Assert.All(new[] { silo, gateway }, process => Assert.Equal("10001", process.User));

        // What `helm test` runs inside a cluster.
        var answer = await Command.RunAsync("sh", ["-c", await File.ReadAllTextAsync(Repository.At("helm", "drone-delivery", "files", "make-a-delivery.sh"), cancellationToken)], new Dictionary<string, string?>
        {
            ["GATEWAY"] = address,
            ["AZURE_FEDERATED_TOKEN_FILE"] = null,
        });
        Assert.True(answer.ExitCode == 0, answer.Output + answer.Errors + gateway.Output);
        Assert.Equal(["accepted", "read", "cancelled"], answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]));
    }

    [Theory]
    [InlineData("simulator", "out", "usage")]
    [InlineData("silo", "", "name the folder")]
    [InlineData("silo", "/", "holds more than a publication")]
    [InlineData("silo", ".", "holds more than a publication")]
    [InlineData("silo", "..", "holds more than a publication")]
    [InlineData("silo", "/nowhere/out", "the processor is 'riscv64'", "riscv64")]
    public async Task Wrong_argument_is_refused(string component, string folder, string sentence, string? processor = null)
    {
        var answer = await Command.RunAsync(Repository.At("tools", "publish.sh"), processor is null ? [component, folder] : [component, folder, processor]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(sentence, answer.Errors);
    }

    /// <summary>The processor for which a library's code was compiled ahead of time; null when it holds only intermediate language.</summary>
    private static Architecture? Compiled(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        if (reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size == 0) return null;

        // On Linux the machine is masked with the system's number (runtime: IMAGE_FILE_MACHINE_NATIVE_OS_OVERRIDE).
        const int linux = 0x7B79;
        return (Machine)((int)reader.PEHeaders.CoffHeader.Machine ^ linux) switch
        {
            Machine.Amd64 => Architecture.X64,
            Machine.Arm64 => Architecture.Arm64,
            _ => null,
        };
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
