using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Hosting;
using DroneDelivery.Navigation;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using DroneDelivery.ThirdParty;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Metadata;

namespace DroneDelivery;

/// <summary>Adds the drone delivery grains to a silo.</summary>
public static class GrainsSiloBuilderExtensions
{
    /// <summary>
    /// Registers the options of the grains (sections <c>Airspace</c>, <c>Archive</c>, <c>Confirmations</c>, <c>Drones</c>, <c>Notifications</c>, <c>Scheduling</c> and <c>ThirdParty</c>, checked at start) and wakes the supervisors and the archiver
    /// whenever a silo starts. The host provides a grain storage for each of <see cref="Storage.GrainStores.All"/>, with
    /// <see cref="Storage.GrainStateSerializer"/>, and reminders.
    /// </summary>
    public static ISiloBuilder AddDroneDeliveryGrains(this ISiloBuilder silo)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddOptions<DroneOptions>().BindConfiguration("Drones").ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton(services => new FlightReserve(services.GetRequiredService<IOptions<DroneOptions>>().Value.BatteryReserve));
        silo.Services.AddOptions<SchedulingOptions>().BindConfiguration("Scheduling").ValidateDataAnnotations()
            .Validate<IOptions<DroneOptions>>(
                (scheduling, drones) => scheduling.LostContact > drones.Value.MissionLease,
                "Scheduling:LostContact must be longer than Drones:MissionLease, or two drones could fly for one delivery.")
            .Validate<IOptions<ThirdPartyOptions>>(
                (scheduling, partner) => scheduling.PartnerId.Length == 0 || partner.Value.Simulated || partner.Value.BaseAddress is not null,
                "Scheduling:PartnerId names a transport partner, but ThirdParty:BaseAddress does not say where its API is; set it, or ThirdParty:Simulated to true.")
            .ValidateOnStart();
        silo.Services.AddOptions<NotificationOptions>().BindConfiguration(NotificationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddTransportPartner();
        silo.Services.AddOptions<ConfirmationOptions>().BindConfiguration("Confirmations").ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<ArchiveOptions>().BindConfiguration("Archive").ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton<ArchiveMetrics>().AddSingleton<SupervisionMetrics>();
        silo.Services.AddSingleton<SecretSeal>().AddSingleton<WebhookChannel>().AddSingleton<EventGridChannel>().AddSingleton<IEventChannels, EventChannels>();
        silo.Services.AddSingleton<IValidateOptions<AirspaceOptions>, AirspaceFile>();
        silo.Services.AddOptions<AirspaceOptions>().BindConfiguration("Airspace").ValidateOnStart();
        silo.Services.AddSingleton(provider => AirspaceFile.Read(provider.GetRequiredService<IOptions<AirspaceOptions>>().Value));
        silo.Services.AddSingleton<IAttributeToFactoryMapper<LazyStateAttribute>, LazyStateMapper>();
        silo.Services.AddSingleton<IConfigureGrainContextProvider, ActivationYield>();
        silo.Services.AddSingleton<IGrainPropertiesProvider, AnyGatewayWillDo>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SupervisorStartup>();
        return silo.AddStartupTask<ArchiverStartup>();
    }
}
