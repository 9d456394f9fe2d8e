using System.CommandLine;

namespace DroneDelivery.CommandLine;

/// <summary>Command lines of the tools; a wrong one costs a sentence.</summary>
internal static class CheckedCommand
{
    /// <summary>Exit code for a command line that makes no sense.</summary>
    public const int WrongUse = 2;

    /// <summary>How long what runs may take to end by itself after SIGINT or SIGTERM: files are written, connections closed.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>Reads the command line and runs its action, which SIGINT and SIGTERM cancel.</summary>
    /// <param name="command">The command.</param>
    /// <param name="args">The command line.</param>
    /// <param name="error">Where the sentence goes.</param>
    /// <param name="fault">Finds what is wrong with options that are right each by itself.</param>
    /// <returns>The exit code: that of the action, or <see cref="WrongUse"/>.</returns>
    public static async Task<int> InvokeAsync(RootCommand command, string[] args, TextWriter error, Func<ParseResult, string?>? fault = null)
    {
        var parsed = command.Parse(args);
        if ((parsed.Errors is [var first, ..] ? first.Message : fault?.Invoke(parsed)) is { } sentence)
        {
            await error.WriteLineAsync(sentence);
            return WrongUse;
        }

        return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = StopTime });
    }
}
