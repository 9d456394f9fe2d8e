using System.Reflection;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Tracking;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A setting that cannot be read stops the gateway with one sentence that names it.</summary>
public sealed class SettingsTests
{
    // The claims of callers are read at once, and any text is one.
    private static readonly Type[] Sections =
        [.. typeof(TrackingOptions).Assembly.GetTypes().Where(type => type != typeof(CallerOptions) && type.GetField("Section") is { IsLiteral: true } && type.Name.EndsWith("Options", StringComparison.Ordinal))];

    public static TheoryData<string, string> Settings() =>
        [.. Sections.SelectMany(type => Leaves(type, SectionOf(type)).Select(setting => (type.Name, setting)))];

    public static TheoryData<string> Classes() => [.. Sections.Where(type => Leaves(type, "").Any()).Select(type => type.Name)];

    [Fact]
    public void Sections_are_found() => Assert.Contains(typeof(ServiceAreaOptions), Sections);

    [Theory, MemberData(nameof(Settings))]
    public void Setting_that_cannot_be_read_is_named(string type, string setting)
    {
        var bind = typeof(GatewayServices).GetMethod(nameof(GatewayServices.AddValidated))!.MakeGenericMethod(Sections.Single(section => section.Name == type));
        var services = new ServiceCollection().AddSingleton(Configuration((setting, "neither")));
        bind.Invoke(null, [services, SectionOf(Sections.Single(section => section.Name == type))]);
        using var provider = services.BuildServiceProvider();

        Assert.StartsWith($"{setting} is 'neither'; set it to ", Explained(provider), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Classes))]
    public async Task Gateway_reads_every_section_before_it_starts(string type)
    {
        var section = Sections.Single(section => section.Name == type);
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddConfiguration(Configuration([("Storage:Sqlite:Path", "unused.db"), .. Leaves(section, SectionOf(section)).Select(setting => (setting, "neither"))]));
        builder.AddClusterClient();
        builder.AddGateway();
        await using var gateway = builder.Build();

        Assert.StartsWith($"{SectionOf(section)}:", Explained(gateway.Services), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OwnerClaim", "")]
    [InlineData("OwnerClaim", " ")]
    [InlineData("DroneClaim", "drone id")]
    public void Claim_without_a_name_is_refused(string setting, string value) =>
        Assert.StartsWith(
            $"Authorization:{setting} is '{value}'; ", Assert.Throws<StartupException>(() => CallerOptions.Read(Configuration(($"Authorization:{setting}", value)))).Message, StringComparison.Ordinal);

    private static string Explained(IServiceProvider services) =>
        Executable.Explain(Assert.ThrowsAny<Exception>(() => services.GetRequiredService<IStartupValidator>().Validate()))!;

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private static string SectionOf(Type type) => (string)type.GetField("Section")!.GetRawConstantValue()!;

    // Any text is a text; what is read as something else can be mistyped.
    private static IEnumerable<string> Leaves(Type type, string path) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var setting && (setting.IsPrimitive || setting.IsEnum || setting == typeof(TimeSpan)) ? [$"{path}:{property.Name}"]
        : setting.Assembly == typeof(TrackingOptions).Assembly ? Leaves(setting, $"{path}:{property.Name}")
        : []);
}
