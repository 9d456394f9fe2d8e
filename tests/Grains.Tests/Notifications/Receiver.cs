using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Notifications;

/// <summary>A real HTTP server on a free port of 127.0.0.1 that keeps what it gets and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Call> Calls { get; } = new();

    /// <summary>Answers a call; 204 when not set.</summary>
    public Func<Call, HttpContext, Task>? Answer { get; set; }

    public string Url => _app.Urls.First();

    public static async Task<Receiver> Start(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.Handle);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Handle(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var call = new Call(
            $"{context.Request.Path}{context.Request.QueryString}", context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        try
        {
            if (Answer is { } answer) await answer(call, context);
        }
        finally
        {
            Calls.Enqueue(call with { Status = context.Response.StatusCode });
        }
    }

    internal sealed record Call(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, int Status = 0);
}
