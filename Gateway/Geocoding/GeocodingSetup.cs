using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Startup;
using Microsoft.Extensions.Caching.Memory;

namespace DroneDelivery.Gateway.Geocoding;

/// <summary>Who tells where an address is: Azure Maps where <c>AzureMaps:Key</c> is set, otherwise every text has a made-up point of the service area.</summary>
internal static class GeocodingSetup
{
    private const string PublicEndpoint = "https://atlas.microsoft.com/";
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Adds the geocoder.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static WebApplicationBuilder AddGeocoding(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidated<ServiceAreaOptions>(ServiceAreaOptions.Section);
        var section = builder.Configuration.GetSection("AzureMaps");
        if (section["Key"]?.Trim() is not { Length: > 0 } key)
        {
            builder.Services.AddSingleton<IGeocoder, LocalGeocoder>();
            return builder;
        }

        var endpoint = section["Endpoint"] is { Length: > 0 } text ? text.TrimEnd('/') + "/" : PublicEndpoint;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            throw new StartupException($"AzureMaps:Endpoint is '{section["Endpoint"]}'; set it to an https address such as {PublicEndpoint}, or leave it out.");

        builder.Services.AddKeyedSingleton<IMemoryCache>(typeof(AzureMapsGeocoder), (_, _) => new MemoryCache(new MemoryCacheOptions { SizeLimit = AzureMapsGeocoder.CacheCapacity }));
        builder.Services.AddHttpClient(nameof(AzureMapsGeocoder), http =>
        {
            http.BaseAddress = address;
            http.DefaultRequestHeaders.Add("subscription-key", key);
        })
        .AddStandardResilienceHandler(resilience =>
        {
            resilience.AttemptTimeout.Timeout = AttemptTimeout;
            resilience.TotalRequestTimeout.Timeout = TotalTimeout;
            resilience.Retry.Delay = FirstDelay;
            resilience.CircuitBreaker.SamplingDuration = TotalTimeout;
        });
        builder.Services.AddSingleton<IGeocoder>(services => new AzureMapsGeocoder(
            services.GetRequiredService<IHttpClientFactory>(), services.GetRequiredKeyedService<IMemoryCache>(typeof(AzureMapsGeocoder))));
        return builder;
    }
}
