using System.Diagnostics;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A headless Chromium with a profile of its own, ended with the test.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "google-chrome"];

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("chromium-");
    private readonly Process _process;

    private Chromium(string program, Uri page)
    {
        // Root has no sandbox, and the pages are the tests' own.
        _process = Process.Start(new ProcessStartInfo(program,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--remote-debugging-port=0",
            $"--user-data-dir={_profile.FullName}", page.AbsoluteUri,
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Opens a page.</summary>
    public static Chromium Open(Uri page)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.True(program is not null, "Neither chromium nor google-chrome is installed; run tools/get-chromium.sh as root.");
        return new Chromium(program, page);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Eventually.Holds(() => Task.FromResult(IsDeleted()), "the browser's helpers have ended and its profile is deleted");
    }

    private bool IsDeleted()
    {
        try
        {
            _profile.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false; // A helper was still writing.
        }
    }
}
