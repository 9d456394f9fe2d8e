namespace DroneDelivery.Gateway.Tests;

/// <summary>A gateway outside local mode and the issuer that it believes, on the shared cluster.</summary>
public sealed class OpenGateway(GatewayFixture gateway) : IAsyncLifetime
{
    internal TokenIssuer Issuer { get; private set; } = null!;

    internal GatewayHost Host { get; private set; } = null!;

    /// <summary>A client without token.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Issuer = await TokenIssuer.StartAsync();
        (Host, Http) = await gateway.OpenToTheWorld(Issuer);
    }

    /// <summary>A client that brings this token along.</summary>
    internal HttpClient ClientWith(string token)
    {
        var http = Host.Client();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
