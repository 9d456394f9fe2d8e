using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace DroneDelivery.Processes;

/// <summary>One of our executables, started from the folder it was built into; killed at the latest when disposed.</summary>
internal abstract class ServiceProcess : IAsyncDisposable
{
    /// <summary>How long a process may take to become ready, far above what it needs, for slow machines.</summary>
    public static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly string _project;
    private readonly IReadOnlyList<string> _on;
    private Process? _process;

    /// <param name="project">Name of the project's folder, such as <c>Silo</c> or <c>tools/FleetSimulator</c>.</param>
    /// <param name="address">Where it answers HTTP; null when it does not.</param>
    /// <param name="on">What its command line begins with, so that it runs on another host; empty for this one.</param>
    protected ServiceProcess(string project, Uri? address, IReadOnlyList<string>? on = null)
    {
        (_project, _on) = (project, on ?? []);
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>Settings passed by environment; may be changed between starts.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Arguments passed; may be changed between starts.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>The folder that <c>tools/publish.sh</c> made of it, when that is to run and not what was built beside these tests.</summary>
    public string? Published { get; set; }

    /// <summary>Speaks to the process.</summary>
    public HttpClient Http { get; }

    /// <summary>Process id.</summary>
    public int Id => Running.Id;

    /// <summary>Whether the process runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it wrote to standard output since the first start.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>What it wrote to standard error since the first start.</summary>
    public string Errors => string.Join('\n', _errors);

    private Process Running => _process ?? throw new InvalidOperationException($"{_project} was not started.");

    /// <summary>Starts it, again after it ended.</summary>
    public void Start()
    {
        if (IsRunning) throw new InvalidOperationException($"{_project} runs already.");
        _process?.Dispose();
        IReadOnlyList<string> command = Published is null ? [Repository.Executable(_project)] : ["dotnet", Path.Combine(Published, $"DroneDelivery.{_project}.dll")];
        command = [.. _on, .. command, .. Arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until <c>/health/ready</c> says 200; fails with the process's output at the deadline or when the process ends before.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> WaitUntilReadyAsync(CancellationToken cancellationToken, TimeSpan? deadline = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(cancellationToken))
        {
            if (!IsRunning) throw new InvalidOperationException($"{_project} ended with exit code {_process?.ExitCode} before it was ready.{Said()}");
            if (Stopwatch.GetElapsedTime(started) > (deadline ?? ReadyDeadline)) throw new TimeoutException($"{_project} was not ready in time.{Said()}");
            await Task.Delay(PollInterval, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Whether <c>/health/ready</c> says 200 now.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken) => await WhyUnreadyAsync(cancellationToken) is null;

    /// <summary>What <c>/health/ready</c> says instead of 200 now; null when it says 200.</summary>
    public Task<string?> WhyUnreadyAsync(CancellationToken cancellationToken) => WhyNotAsync("/health/ready", cancellationToken);

    /// <summary>Whether <c>/health/live</c> says 200 now, as it does while the process starts.</summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellationToken) => await WhyNotAsync("/health/live", cancellationToken) is null;

    /// <summary>As <c>kill -9</c>: the process gets no chance to say goodbye.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await ExitCodeAsync();
    }

    /// <summary>As Kubernetes or Ctrl-C would: asks it to stop; fails with its output when it does not end well.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        var code = await ExitCodeAsync();
        Assert.True(code == 0, $"{_project} was asked to stop and ended with {code}.{Said()}");
    }

    /// <summary>Waits until it has ended by itself; fails with its output at the deadline.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitCodeAsync()
    {
        using var deadline = new CancellationTokenSource(ExitDeadline);
        try
        {
            await Running.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_project} did not end in time.{Said()}");
        }

        return Running.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning) await KillAsync();
        _process?.Dispose();
        Http.Dispose();
    }

    /// <summary>Shows the certificate in a folder to the cluster; without one, only local mode runs.</summary>
    public void UseTls(string folder) => Environment["Orleans__Tls__Directory"] = folder;

    /// <summary>Passes settings by environment.</summary>
    protected void Use(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings) Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
    }

    private async Task<string?> WhyNotAsync(string probe, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Http.GetAsync(probe, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"{_project} {(int)response.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return $"{_project} {exception.GetBaseException().Message}";
        }
    }

    private string Said() => $"\n--- standard output\n{Output}\n--- standard error\n{Errors}";

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null) lines.Enqueue(line);
    }
}
