using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.ThirdParty;

/// <summary>A partner's API on a free loopback port, and the client that ships for it.</summary>
internal sealed class StubPartner : IAsyncDisposable
{
    private readonly WebApplication _app;
    private ServiceProvider? _services;

    private StubPartner(WebApplication app) => _app = app;

    /// <summary>Answers every call.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => Results.NotFound().ExecuteAsync(context);

    /// <summary>Every call: method, path, body.</summary>
    public List<(string Method, string Path, string Body, string? Key)> Calls { get; } = [];

    public static async Task<StubPartner> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var partner = new StubPartner(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            lock (partner.Calls) partner.Calls.Add((context.Request.Method, context.Request.Path, body, context.Request.Headers.Authorization));
            await partner.Answer(context);
        });
        await app.StartAsync();
        return partner;
    }

    public ITransportPartner Client(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["ThirdParty:BaseAddress"] = $"{_app.Urls.Single()}/v2",
            // As patient as may be: on a busy machine an answer takes its time, and a repetition would be counted.
            ["ThirdParty:TryTimeout"] = "00:00:04",
            ["ThirdParty:CallTimeout"] = "00:00:04.5",
        };
        foreach (var (key, value) in settings) all[$"ThirdParty:{key}"] = value;
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(all).Build())
            .AddTransportPartner()
            .BuildServiceProvider();
        return _services.GetRequiredService<ITransportPartner>();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_services is not null) await _services.DisposeAsync();
    }
}
