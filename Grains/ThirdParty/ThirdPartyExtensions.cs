using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace DroneDelivery.ThirdParty;

internal static class ThirdPartyExtensions
{
    /// <summary>Registers the partner that the settings choose: the one behind an address, or the simulated one.</summary>
    public static IServiceCollection AddTransportPartner(this IServiceCollection services)
    {
        services.AddOptions<ThirdPartyOptions>().BindConfiguration("ThirdParty").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<HttpTransportPartner>();
        services.AddSingleton<SimulatedTransportPartner>();
        services.TryAddSingleton<ITransportPartner>(provider => provider.GetRequiredService<IOptions<ThirdPartyOptions>>().Value.Simulated
            ? provider.GetRequiredService<SimulatedTransportPartner>()
            : provider.GetRequiredService<HttpTransportPartner>());

        services.AddHttpClient(HttpTransportPartner.Client, (provider, http) =>
        {
            var options = provider.GetRequiredService<IOptions<ThirdPartyOptions>>().Value;
            // Relative paths replace what follows the last slash of the base.
            if (options.BaseAddress is { } address) http.BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
            if (options.ApiKey.Length > 0) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
            http.Timeout = Timeout.InfiniteTimeSpan; // The pipeline below decides.
        }).AddStandardResilienceHandler().Configure((resilience, provider) =>
        {
            var options = provider.GetRequiredService<IOptions<ThirdPartyOptions>>().Value;
            resilience.TotalRequestTimeout.Timeout = options.CallTimeout;
            resilience.AttemptTimeout.Timeout = options.TryTimeout;
            resilience.Retry.MaxRetryAttempts = 2;
            resilience.Retry.Delay = TimeSpan.FromMilliseconds(100);
            resilience.Retry.BackoffType = DelayBackoffType.Exponential;
            resilience.Retry.UseJitter = true;
        });
        return services;
    }
}
