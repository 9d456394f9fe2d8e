using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Providers.Cosmos;
using Orleans.Reminders.Cosmos;

[assembly: RegisterProvider(CosmosConfiguration.ProviderType, "Reminders", "Silo", typeof(CosmosReminderProviderBuilder))]

namespace Orleans.Reminders.Cosmos;

/// <summary>Reminders from configuration section <c>Orleans:Reminders</c>.</summary>
internal sealed class CosmosReminderProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseCosmosReminderService((OptionsBuilder<CosmosReminderTableOptions> options) =>
            options.Configure<IServiceProvider>((reminders, services) => reminders.Read(configurationSection, services)));
}
