using DroneDelivery.Deployment.Charts;
using k8s.Models;

namespace DroneDelivery.Deployment.Images;

/// <summary>How the images are made. No engine builds them here: the file is read, its publish step is run by <see cref="PublishTests"/>.</summary>
public sealed class DockerfileTests
{
    private readonly Dockerfile _file = Dockerfile.Read();

    [Fact]
    public void Base_images_are_pinned_by_a_required_digest()
    {
        Assert.Equal(["SDK_DIGEST", "RUNTIME_DIGEST"], _file.Before.Select(instruction => instruction.Arguments));
        var own = _file.Stages.Select(stage => stage.Name).ToHashSet();
        Assert.Equal(
            ["mcr.microsoft.com/dotnet/sdk:10.0-noble@${SDK_DIGEST:?give the digest of the SDK image}", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled@${RUNTIME_DIGEST:?give the digest of the runtime image}"],
            _file.Stages.Select(stage => stage.Base).Where(image => !own.Contains(image)));
    }

    [Theory, InlineData("silo", "Silo"), InlineData("gateway", "Gateway")]
    public void Image_runs_one_published_executable_without_a_shell(string component, string project)
    {
        var stage = _file.The(component);
        Assert.Equal("runtime", stage.Base);
        Assert.Equal([$"--from=publish-{component} /app ."], stage.All("COPY"));
        Assert.Empty(stage.All("RUN").Concat(_file.The("runtime").All("RUN")));
        Assert.Equal(["dotnet", $"DroneDelivery.{project}.dll"], Assert.Single(stage.Instructions, instruction => instruction.Keyword == "ENTRYPOINT").Json);

        var publish = _file.The($"publish-{component}");
        Assert.Equal("source", publish.Base);
        Assert.Equal(["TARGETARCH"], publish.All("ARG"));
        Assert.Equal([$"tools/publish.sh {component} /app \"$TARGETARCH\""], publish.All("RUN"));
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Image_agrees_with_the_chart(string component)
    {
        var pod = (await Scenario.Application("azure").RenderAsync()).The<V1Deployment>(component).Spec.Template.Spec;
        Assert.Equal([$"{pod.SecurityContext.RunAsUser}:{pod.SecurityContext.RunAsGroup}"], _file.The("runtime").All("USER"));
        Assert.Empty(_file.The(component).All("USER"));
        Assert.Equal(
            pod.Containers[0].Ports.Select(port => port.ContainerPort).Order(),
            Assert.Single(_file.The(component).All("EXPOSE")).Split(' ').Select(int.Parse).Order());
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public void Image_says_what_it_is(string component)
    {
        var labels = string.Join(' ', _file.The("runtime").All("LABEL").Concat(_file.The(component).All("LABEL")));
        foreach (var label in new[] { "title", "description", "version", "revision", "created", "vendor", "base.name", "base.digest" })
            Assert.Contains($"org.opencontainers.image.{label}=", labels);
    }

    [Theory]
    [InlineData("contoso.azurecr.io", "1.0.0", "", "", "SDK_DIGEST is ''")]
    [InlineData("contoso.azurecr.io", "1.0.0", "sha256:abc", "", "SDK_DIGEST is 'sha256:abc'")]
    [InlineData("contoso.azurecr.io", "1.0.0", "good", "10.0-noble-chiseled", "RUNTIME_DIGEST is '10.0-noble-chiseled'")]
    [InlineData("contoso.azurecr.io/a b", "1.0.0", "good", "good", "the registry is")]
    [InlineData("contoso.azurecr.io", "latest", "good", "good", "the version is 'latest'")]
    public async Task Wrong_setting_is_refused_before_anything_is_built(string registry, string version, string sdk, string runtime, string sentence)
    {
        using var docker = new FakeDocker();
        var answer = await docker.BuildAsync(registry, version, Digest(sdk), Digest(runtime));
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(sentence, answer.Errors);
        Assert.Empty(docker.Calls());
    }

    [Fact]
    public async Task Images_are_built_for_both_processors_and_their_digests_told()
    {
        using var docker = new FakeDocker();
        var answer = (await docker.BuildAsync("contoso.azurecr.io", "1.2.3", Digest("good"), Digest("good"))).OrFail();
        var calls = docker.Calls();
        Assert.Equal(2, calls.Count);
        Assert.All(calls.Zip(["silo", "gateway"]), pair =>
        {
            Assert.Equal(["buildx", "build", "."], pair.First.Take(3));
            Assert.Equal(pair.Second, After(pair.First, "--target"));
            Assert.Equal("linux/amd64,linux/arm64", After(pair.First, "--platform"));
            Assert.Equal($"contoso.azurecr.io/drone-delivery/{pair.Second}:1.2.3", After(pair.First, "--tag"));
            Assert.Contains($"SDK_DIGEST={Digest("good")}", pair.First);
            Assert.Contains($"RUNTIME_DIGEST={Digest("good")}", pair.First);
            Assert.Contains("VERSION=1.2.3", pair.First);
        });
        Assert.Equal($"silo.image.digest={FakeDocker.Built}\ngateway.image.digest={FakeDocker.Built}\n", answer.Output);

        static string After(IReadOnlyList<string> call, string option) => call[call.ToList().IndexOf(option) + 1];
    }

    private static string Digest(string text) => text == "good" ? "sha256:" + new string('a', 64) : text;

    /// <summary>A program named docker that notes how it was called and claims to have built.</summary>
    private sealed class FakeDocker : IDisposable
    {
        public static readonly string Built = "sha256:" + new string('f', 64);

        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drone-delivery-docker-");

        public FakeDocker()
        {
            File.WriteAllText(Program, $$"""
                #!/usr/bin/env bash
                printf '%s\x1f' "$@" >>"$CALLS"; printf '\n' >>"$CALLS"
                while (($#)); do
                  if [[ $1 == --metadata-file ]]; then echo '{"containerimage.digest": "{{Built}}"}' >"$2"; fi
                  shift
                done
                """);
        }

        private string Program => Path.Combine(_folder.FullName, "docker");

        private string Log => Path.Combine(_folder.FullName, "calls");

        public async Task<Answer> BuildAsync(string registry, string version, string sdk, string runtime)
        {
            (await Command.RunAsync("chmod", ["u+x", Program])).OrFail();
            return await Command.RunAsync(
                Repository.At("tools", "images.sh"),
                [registry, version],
                new Dictionary<string, string?>
                {
                    ["PATH"] = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
                    ["CALLS"] = Log,
                    ["SDK_DIGEST"] = sdk,
                    ["RUNTIME_DIGEST"] = runtime,
                });
        }

        public IReadOnlyList<IReadOnlyList<string>> Calls() =>
            File.Exists(Log) ? [.. File.ReadAllLines(Log).Select(line => line.Split('\x1f', StringSplitOptions.RemoveEmptyEntries))] : [];

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
