using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Startup;

/// <summary>Runs a host, or says in one sentence why it cannot.</summary>
public static partial class Executable
{
    // Assemblies that turn text into settings.
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";
    private const string LoggingBinder = "Microsoft.Extensions.Logging.Configuration";

    /// <summary>Exit code of a process that was set up wrongly.</summary>
    public const int WrongSetup = 1;

    /// <summary>
    /// Builds the host, runs its startup checks, then the host itself until it is told to stop. A wrong setting ends in one sentence on
    /// standard error and <see cref="WrongSetup"/>; anything unforeseen is thrown as it came.
    /// </summary>
    /// <param name="build">Builds the host; may throw <see cref="StartupException"/>.</param>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunOrExplainAsync(Func<WebApplication> build)
    {
        try
        {
            await using var host = build();
            host.Services.GetService<IStartupValidator>()?.Validate();
            if (host.Services.GetService<StartupChecks>() is { } checks) await checks.RunAsync(CancellationToken.None);
            await RunAsync(host);
            return 0;
        }
        catch (Exception exception) when (Explain(exception) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return WrongSetup;
        }
    }

    private static async Task RunAsync(WebApplication host)
    {
        var stopping = host.Lifetime.ApplicationStopping;
        try
        {
            await host.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while it was starting. A silo that has not joined yet cannot be stopped; it ends with the process.
        }
    }

    /// <summary>The sentence for an exception that stems from the setup, or null.</summary>
    internal static string? Explain(Exception exception) => exception switch
    {
        StartupException => OneLine(exception.Message),
        OptionsValidationException invalid => OneLine(string.Join("; ", invalid.Failures)),
        OrleansConfigurationException => OneLine(exception.Message),
        InvalidOperationException { Source: Binder or LoggingBinder } => Unreadable(exception.Message),
        IOException { InnerException: AddressInUseException } => OneLine($"{exception.Message.TrimEnd('.')}; stop the program that uses it or choose another port."),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "A port to listen on is in use; stop the program that uses it or choose another port.",
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    // "Failed to convert configuration value 'soon' at 'Tracking:Pause' to type 'System.TimeSpan'."
    private static string Unreadable(string message) => BinderFailure().Match(message) is { Success: true } failure
        ? OneLine($"{failure.Groups["key"]} is '{failure.Groups["value"]}'; set it to {Expected(failure.Groups["type"].Value)}.")
        : OneLine($"A setting cannot be read: {message}");

    private static string Expected(string type) => type switch
    {
        _ when type.Contains(nameof(TimeSpan), StringComparison.Ordinal) => "a time such as 00:00:05",
        _ when type.Contains(nameof(Boolean), StringComparison.Ordinal) => "true or false",
        _ when type.Contains("Int", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains(nameof(Double), StringComparison.Ordinal) => "a number",
        _ => $"what {type} can be",
    };

    [GeneratedRegex(@"value '(?<value>.*)' at '(?<key>[^']+)' to type '(?<type>[^']+)'", RegexOptions.Singleline)]
    private static partial Regex BinderFailure();

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
