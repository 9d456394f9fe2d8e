using System.Collections.Concurrent;
using System.Diagnostics;

namespace DroneDelivery.Deployment.Images;

/// <summary>A published executable, run as in its container: as user 10001 where this user may change, without a home and without a place for temporary files.</summary>
internal sealed class UnprivilegedProcess : IAsyncDisposable
{
    private const string UserId = "10001";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <param name="folder">The published folder.</param>
    /// <param name="assembly">Name of the assembly to run.</param>
    /// <param name="environment">Settings.</param>
    public UnprivilegedProcess(string folder, string assembly, IReadOnlyDictionary<string, string> environment)
    {
        string[] command = ["dotnet", Path.Combine(folder, assembly)];
        if (Environment.IsPrivilegedProcess) command = ["setpriv", "--reuid", UserId, "--regid", UserId, "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", .. command];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["HOME"] = start.Environment["TMPDIR"] = "/nonexistent";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>User and group that the process runs as.</summary>
    public string User => File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    /// <summary>What it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Waits until an address says 200.</summary>
    public async Task AnswersAsync(string address, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await TryAsync(address, cancellationToken))
        {
            if (_process.HasExited) throw new InvalidOperationException($"The process ended with exit code {_process.ExitCode}.\n{Output}");
            if (Stopwatch.GetElapsedTime(started) > Deadline) throw new TimeoutException($"{address} did not say 200 in time.\n{Output}");
            await Task.Delay(50, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<bool> TryAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(address, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null) _lines.Enqueue(line);
    }
}
