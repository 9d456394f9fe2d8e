using System.CommandLine;
using System.Globalization;
using DroneDelivery.CommandLine;
using DroneDelivery.FleetSimulator.Motion;
using static DroneDelivery.CommandLine.CheckedOption;

namespace DroneDelivery.FleetSimulator.CommandLine;

/// <summary>The command line.</summary>
internal static class FleetCommand
{
    private const string SecretVariable = "FLEET_CLIENT_SECRET";

    private static readonly FleetOptions Default = new();

    private static readonly Option<Uri> Gateway = Value(
        "--gateway", "Address of the gateway.", Default.Gateway, "an http or https address such as http://localhost:8080",
        text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null);

    private static readonly Option<int?> Drones = Number(
        "--drones", "How many drones fly.", Default.Drones, 1, 20_000);

    private static readonly Option<double?> Speed = Real(
        "--speed", "How many times faster than normal drones fly, are charged and handle parcels.", Default.SpeedUp, 0.1, 1000);

    private static readonly Option<int?> Seed = Number(
        "--seed", "Seed of the weather.", Default.Seed, int.MinValue, int.MaxValue);

    private static readonly Option<double?> Interval = Real(
        "--interval", "Seconds between two reports of a drone.", Default.Interval.TotalSeconds, 0.1, 3600);

    // Text, because the help shows the default as it is.
    private static readonly Option<string> Center = Value(
        "--center", "Middle of the service area: latitude,longitude.",
        string.Create(CultureInfo.InvariantCulture, $"{Default.Area.Center.Latitude},{Default.Area.Center.Longitude}"),
        "latitude,longitude in degrees, the latitude between -85 and 85", text => ParsePoint(text) is null ? null : text);

    private static readonly Option<double?> Radius = Real(
        "--radius", "Radius of the service area, metres.", Default.Area.Radius, 100, 100_000);

    private static readonly Option<int?> Stations = Number(
        "--stations", "How many stations stand around the middle.", Default.Area.Stations, 1, 1000);

    private static readonly Option<string?> State = Text(
        "--state", "File that keeps the fleet's state over a restart.", null, "the path of a file",
        text => text.Length > 0 && !Directory.Exists(text));

    private static readonly Option<string> IdPrefix = Value(
        "--id-prefix", "What the ids of the drones begin with.", Default.IdPrefix, "1 to 40 letters, digits, - or _",
        text => text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? text : null);

    private static readonly Option<string?> TokenFile = Text(
        "--token-file", "File that holds the bearer token to send, or the key of the one drone; read for every request.", null, "the path of a file that exists",
        text => File.Exists(text));

    private static readonly Option<Uri?> TokenEndpoint = Value<Uri?>(
        "--token-endpoint", $"Where to get tokens as an application, whose secret is in {SecretVariable}.", null, "an https address, or an http one of this machine",
        text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)) ? uri : null);

    private static readonly Option<string?> ClientId = Text(
        "--client-id", "Id of that application.", null, "the id of an application", text => text.Length > 0);

    private static readonly Option<string?> Scope = Text(
        "--scope", "What the token is for, such as api://GATEWAY/.default.", null, "a scope", text => text.Length > 0);

    /// <summary>Reads the command line and runs; a wrong one costs a sentence and <see cref="CheckedCommand.WrongUse"/>.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="error">Where the sentence goes.</param>
    /// <param name="run">What to do with it; cancelled by SIGINT and SIGTERM.</param>
    public static Task<int> InvokeAsync(string[] args, TextWriter error, Func<FleetOptions, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("A ground station with simulated drones that deliver parcels; it speaks to the gateway over HTTP.")
        {
            Gateway, Drones, Speed, Seed, Interval, Center, Radius, Stations, State, IdPrefix, TokenFile, TokenEndpoint, ClientId, Scope,
        };
        command.SetAction((result, cancellationToken) => run(Options(result), cancellationToken));
        return CheckedCommand.InvokeAsync(command, args, error, CredentialsFault);
    }

    // The secret is not on the command line, which everybody on the machine can read.
    private static string? CredentialsFault(ParseResult result)
    {
        object?[] application = [result.GetValue(TokenEndpoint), result.GetValue(ClientId), result.GetValue(Scope)];
        return application.All(part => part is null) ? null
            : result.GetValue(TokenFile) is not null ? "--token-file and --token-endpoint are two sources of tokens; give one."
            : application.Contains(null) ? "--token-endpoint, --client-id and --scope belong together; give all three or none."
            : string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SecretVariable)) ? $"--token-endpoint needs the application's secret in the environment variable {SecretVariable}."
            : null;
    }

    private static FleetOptions Options(ParseResult result) => new()
    {
        Gateway = result.GetRequiredValue(Gateway),
        Drones = result.GetRequiredValue(Drones)!.Value,
        SpeedUp = result.GetRequiredValue(Speed)!.Value,
        Seed = result.GetRequiredValue(Seed)!.Value,
        Interval = TimeSpan.FromSeconds(result.GetRequiredValue(Interval)!.Value),
        Area = new ServiceArea(ParsePoint(result.GetRequiredValue(Center))!.Value, result.GetRequiredValue(Radius)!.Value, result.GetRequiredValue(Stations)!.Value),
        StateFile = result.GetValue(State),
        IdPrefix = result.GetRequiredValue(IdPrefix),
        TokenFile = result.GetValue(TokenFile),
        Credentials = result.GetValue(TokenEndpoint) is { } endpoint
            ? new(endpoint, result.GetValue(ClientId)!, Environment.GetEnvironmentVariable(SecretVariable)!, result.GetValue(Scope)!)
            : null,
    };

    private static GeoPoint? ParsePoint(string text)
    {
        var parts = text.Split(',');
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude)
            && Math.Abs(latitude) <= 85 && Math.Abs(longitude) <= 180
                ? new GeoPoint(latitude, longitude) : null;
    }
}
