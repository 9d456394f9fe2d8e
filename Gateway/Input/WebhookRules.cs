using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Hosting;
using DroneDelivery.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Input;

/// <summary>Whose webhooks; a token that acts for one account need not name it.</summary>
internal readonly record struct WebhookOwner(
    [property: FromQuery(Name = "ownerId"), Description("The account; may be left out when the token belongs to one.")] string? OwnerId, HttpContext Context)
{
    /// <summary>Reads the owner, or gives a problem.</summary>
    public bool TryRead([NotNullWhen(true)] out string? owner, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        var fields = new QueryFields();
        owner = Caller.Of(Context).OwnerFor(fields.Id("ownerId", OwnerId));
        if (owner is null && !fields.Errors.Any) fields.Errors.Add("ownerId", "is required");
        problem = fields.Errors.Any ? Problem.Validation(fields.Errors.ToDictionary()) : null;
        return problem is null;
    }
}

/// <summary>
/// Reads what owners say of webhooks. Addresses that cannot be right are refused here, where their owner sees why; the silo looks again at
/// what a name means each time that it connects.
/// </summary>
internal sealed class WebhookRules(IConfiguration configuration)
{
    private const int MaxUrlLength = 2_000;
    private const int MaxDescriptionLength = 200;
    private const int SecretBytes = 32;
    private const int DefaultOverlapHours = 24;
    private const int MaxOverlapHours = 7 * 24;

    private readonly bool _isLocal = HostingOptions.IsLocal(configuration);

    /// <summary>A secret as Standard Webhooks writes it.</summary>
    public static string NewSecret() => $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>A whole webhook.</summary>
    public WholeWebhook ReadWhole(JsonFields body)
    {
        if (!body.Has("url")) body.Missing("url");
        var change = ReadChange(body);
        return new(new WebhookSettings(change.Url ?? "", change.Kinds ?? [], change.Description), change.Paused ?? false);
    }

    /// <summary>Changes to a webhook.</summary>
    public WebhookChange ReadChange(JsonFields body) => new(
        ReadUrl(body), body.Choices<NoticeKind>("types", Enum.GetValues<NoticeKind>().Length), body.Text("description", MaxDescriptionLength), body.Flag("paused"));

    /// <summary>For how long the old secret signs too.</summary>
    public static RotationBody ReadRotation(JsonFields body) => new((int)(body.Whole("oldSecretHours", 0, MaxOverlapHours) ?? DefaultOverlapHours));

    private string? ReadUrl(JsonFields body)
    {
        if (body.Text("url", MaxUrlLength) is not { } text) return null;
        if (Objection(text) is not { } objection) return text;

        body.Fault("url", objection);
        return null;
    }

    private string? Objection(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)) return "must be an absolute URL";
        if (url.Scheme != Uri.UriSchemeHttps && !(_isLocal && url.Scheme == Uri.UriSchemeHttp)) return "must begin with https://";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) return "must hold neither a user nor a fragment";
        if (_isLocal) return null;
        var isInside = IPAddress.TryParse(url.IdnHost, out var address) ? !PublicAddress.IsPublic(address) : url.IsLoopback || !url.IdnHost.Contains('.');
        return isInside ? "must lead to the public internet" : null;
    }
}

/// <summary>A webhook as its owner wants it.</summary>
internal sealed record WholeWebhook(WebhookSettings Settings, bool Paused);
