using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Cosmos;
using Orleans.Reminders.Cosmos;

namespace Orleans.Hosting;

/// <summary>Reminders on Azure Cosmos DB.</summary>
public static class CosmosReminderExtensions
{
    /// <summary>Keeps reminders in Azure Cosmos DB.</summary>
    public static ISiloBuilder UseCosmosReminderService(this ISiloBuilder builder, Action<CosmosReminderTableOptions> configure) =>
        builder.UseCosmosReminderService(options => options.Configure(configure));

    /// <summary>Keeps reminders in Azure Cosmos DB.</summary>
    public static ISiloBuilder UseCosmosReminderService(this ISiloBuilder builder, Action<OptionsBuilder<CosmosReminderTableOptions>> configure)
    {
        builder.Services.UseCosmosReminderService(configure);
        return builder;
    }

    /// <summary>Keeps reminders in Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosReminderService(this IServiceCollection services, Action<CosmosReminderTableOptions> configure) =>
        services.UseCosmosReminderService(options => options.Configure(configure));

    /// <summary>Keeps reminders in Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosReminderService(this IServiceCollection services, Action<OptionsBuilder<CosmosReminderTableOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddReminders();
        configure(services.AddOptions<CosmosReminderTableOptions>());
        services.AddTransient<IConfigurationValidator>(provided => new CosmosOptionsValidator<CosmosReminderTableOptions>(
            provided.GetRequiredService<IOptionsMonitor<CosmosReminderTableOptions>>().CurrentValue, "reminders"));
        services.ConfigureFormatter<CosmosReminderTableOptions>();
        return services.AddCosmosClients().AddSingleton<IReminderTable, CosmosReminderTable>();
    }
}
