using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Puts the station's bearer token on each request.</summary>
/// <param name="tokens">Where it comes from.</param>
internal sealed class BearerHandler(IAccessTokens tokens) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellationToken));
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized) tokens.Forget();
        return response;
    }
}

/// <summary>Where a ground station has its token from.</summary>
internal interface IAccessTokens
{
    /// <summary>The token to send now.</summary>
    /// <exception cref="GatewayException">There is none at the moment.</exception>
    ValueTask<string> GetAsync(CancellationToken cancellationToken);

    /// <summary>The gateway would not have the last one.</summary>
    void Forget();
}

/// <summary>A token, or a drone's key, in a file that somebody else renews; read for every request.</summary>
/// <param name="path">The file.</param>
internal sealed class TokenFile(string path) : IAccessTokens
{
    /// <inheritdoc/>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            return token.Length > 0 && token.All(c => c is > ' ' and <= '~') ? token : throw new GatewayException($"the file {path} holds no token");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"the token cannot be read: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public void Forget()
    {
    }
}

/// <summary>Asks an issuer for tokens as the application that the station is (OAuth 2.0 client credentials), and again a minute before one ends.</summary>
/// <param name="options">Which issuer and which application.</param>
/// <param name="http">Speaks to the issuer.</param>
/// <param name="time">Clock.</param>
internal sealed class ClientCredentials(ClientCredentialsOptions options, HttpClient http, TimeProvider time) : IAccessTokens, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private string? _token;
    private long _asked;
    private TimeSpan _lasts;

    /// <inheritdoc/>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_token is { } known && time.GetElapsedTime(_asked) < _lasts) return known;

            // Its time counts from the question. Until there is an answer, the last token is as old as it was.
            var asked = time.GetTimestamp();
            var answer = await AskAsync(cancellationToken);
            (_token, _asked, _lasts) = (answer.AccessToken, asked, TimeSpan.FromSeconds(answer.ExpiresIn) - Early);
            return answer.AccessToken;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Forget() => _token = null;

    public void Dispose() => _one.Dispose();

    private async Task<IssuedToken> AskAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", options.ClientId), new("client_secret", options.ClientSecret), new("scope", options.Scope),
        ]);
        try
        {
            using var response = await http.PostAsync(options.Endpoint, form, cancellationToken);
            if (!response.IsSuccessStatusCode) throw new GatewayException($"the issuer gives no token: {(int)response.StatusCode} {response.ReasonPhrase}");
            return await response.Content.ReadFromJsonAsync(WireJson.Default.IssuedToken, cancellationToken) is { AccessToken.Length: > 0 } token
                ? token : throw new GatewayException("the issuer's answer holds no token");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new GatewayException($"the issuer cannot be asked for a token: {failure.Message}");
        }
    }
}

/// <summary>An application and the issuer of its tokens.</summary>
/// <param name="Endpoint">Where tokens are had.</param>
/// <param name="ClientId">The application.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="Scope">What the token is for, such as <c>api://the-gateway/.default</c>.</param>
internal sealed record ClientCredentialsOptions(Uri Endpoint, string ClientId, string ClientSecret, string Scope)
{
    // Records print what they hold; a secret must not.
    public override string ToString() => $"{ClientId} at {Endpoint}";
}
