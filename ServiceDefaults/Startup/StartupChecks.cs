using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace DroneDelivery.Startup;

/// <summary>Something that must be in order before any hosted service starts.</summary>
public interface IStartupCheck
{
    /// <summary>Puts it in order, or throws <see cref="StartupException"/>.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Runs every <see cref="IStartupCheck"/> once, in the order of registration, before the first hosted service.</summary>
/// <param name="checks">The checks.</param>
public sealed class StartupChecks(IEnumerable<IStartupCheck> checks) : IHostedLifecycleService
{
    private bool _done;

    /// <summary>Runs the checks unless they have run.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_done) return;
        foreach (var check in checks) await check.RunAsync(cancellationToken);
        _done = true;
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registration of startup checks.</summary>
public static class StartupCheckExtensions
{
    /// <summary>Adds a check that runs before the first hosted service.</summary>
    public static IServiceCollection AddStartupCheck<TCheck>(this IServiceCollection services) where TCheck : class, IStartupCheck
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, TCheck>());
        if (services.All(service => service.ServiceType != typeof(StartupChecks)))
        {
            services.AddSingleton<StartupChecks>();
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<StartupChecks>());
        }

        return services;
    }
}
