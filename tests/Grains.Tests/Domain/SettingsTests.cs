using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Startup;
using DroneDelivery.ThirdParty;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Domain;

/// <summary>A setting of the grains that cannot be read stops the silo with one sentence that names it.</summary>
public sealed class SettingsTests
{
    private static readonly Dictionary<Type, string> Sections = new()
    {
        [typeof(AirspaceOptions)] = "Airspace",
        [typeof(ArchiveOptions)] = "Archive",
        [typeof(ConfirmationOptions)] = "Confirmations",
        [typeof(DroneOptions)] = "Drones",
        [typeof(NotificationOptions)] = "Notifications",
        [typeof(SchedulingOptions)] = "Scheduling",
        [typeof(ThirdPartyOptions)] = "ThirdParty",
    };

    public static TheoryData<string> Settings() => [.. Sections.SelectMany(section => Leaves(section.Key, section.Value))];

    [Fact]
    public void Every_section_of_the_grains_is_known_here()
    {
        var bound = Silo().Services.Select(service => service.ServiceType).Where(type => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>))
            .Select(type => type.GetGenericArguments()[0]).Where(type => type.Assembly == typeof(DroneOptions).Assembly);

        Assert.Equal(Sections.Keys.Select(type => type.Name).Order(), bound.Select(type => type.Name).Distinct().Order());
    }

    [Fact]
    public void Reserve_of_the_battery_is_one_setting() =>
        Assert.Single(Sections.Keys.SelectMany(type => type.GetProperties()), property => property.Name == nameof(DroneOptions.BatteryReserve));

    [Theory, MemberData(nameof(Settings))]
    public void Setting_that_cannot_be_read_is_named(string setting)
    {
        var silo = Silo();
        silo.Configuration.AddInMemoryCollection([new(setting, "neither")]);
        using var host = silo.Build();

        var failure = Assert.ThrowsAny<Exception>(() => host.Services.GetRequiredService<IStartupValidator>().Validate());

        Assert.StartsWith($"{setting} is 'neither'; set it to ", Executable.Explain(failure), StringComparison.Ordinal);
    }

    private static HostApplicationBuilder Silo()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.AddDroneDeliveryGrains());
        return builder;
    }

    // Any text is a text or an address of a kind; what is read as something else can be mistyped.
    private static IEnumerable<string> Leaves(Type type, string path) => type.GetProperties().Where(property => property.CanWrite).SelectMany(property =>
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var setting && (setting.IsPrimitive || setting.IsEnum || setting == typeof(TimeSpan)) ? [$"{path}:{property.Name}"]
        : setting.Assembly == typeof(DroneOptions).Assembly ? Leaves(setting, $"{path}:{property.Name}")
        : []);
}
