using System.Web;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Authorization;

/// <summary>Lets requests through that are signed with the account's key or carry a token of Entra.</summary>
/// <param name="options">The key and whose tokens count.</param>
internal sealed class Authorizer(SimulatorOptions options)
{
    private readonly byte[] _key = Convert.FromBase64String(options.Key);
    private readonly EntraTokens? _entra = options.EntraIssuer is { } issuer ? new EntraTokens(issuer, options.EntraKey) : null;

    /// <summary>Checks a request.</summary>
    /// <exception cref="RefusedException">It may not run.</exception>
    public void Check(CosmosRequest request)
    {
        if (request.Header("Authorization") is not { } header) throw Unauthorized("Required Header authorization is missing.");

        // A signature is base64, whose + and = must outlive the parsing.
        var parts = HttpUtility.UrlDecode(header).Split('&', 3);
        var (kind, signature) = parts is [var type, "ver=1.0", var sig] && sig.StartsWith("sig=", StringComparison.Ordinal) ? (type, sig[4..]) : ("", "");
        switch (kind)
        {
            case "type=master" when !options.AllowKeys:
                throw Unauthorized("Local Authorization is disabled. Use an AAD token to authorize all requests.", SubStatus.KeysDisabled);
            case "type=master":
                CheckKey(request, signature);
                break;
            case "type=aad":
                CheckToken(request, signature);
                break;
            default:
                throw Unauthorized("The authorization header is none of type=master and type=aad.");
        }
    }

    private void CheckKey(CosmosRequest request, string signature)
    {
        var date = request.Header(CosmosHeaders.Date) ?? throw Unauthorized($"The header {CosmosHeaders.Date} is missing.");
        if (!KeySignature.IsCurrent(date)) throw new RefusedException(403, "The authorization token is not valid at the current time; check the clock.");
        if (!KeySignature.Candidates(request).Any(resource => KeySignature.Verify(_key, request.Method, request.Address.Kind, resource, date, signature)))
            throw Unauthorized("The input authorization token can't serve the request. The wrong key is being used, or the signature was made for another request.");
    }

    private void CheckToken(CosmosRequest request, string token)
    {
        if (_entra is null) throw Unauthorized("This account accepts no tokens of Entra.");
        if (_entra.Problem(token) is { } problem) throw Unauthorized($"The token is not valid: {problem}.");
        if (request.Operation is RequestKind.CreateDatabase or RequestKind.DeleteDatabase or RequestKind.CreateContainer
            or RequestKind.ReplaceContainer or RequestKind.DeleteContainer or RequestKind.Offers)
        {
            throw new RefusedException(
                403, $"Request blocked by Auth: {request.Operation} cannot be authorized by AAD token in data plane.", SubStatus.MetadataWriteForbidden);
        }
    }

    private static RefusedException Unauthorized(string message, int subStatus = SubStatus.None) => new(401, message, subStatus);
}
