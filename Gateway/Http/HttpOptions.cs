using System.ComponentModel.DataAnnotations;
using System.Net;

namespace DroneDelivery.Gateway.Http;

/// <summary>Who stands between gateway and clients; section <c>Http</c>.</summary>
internal sealed class HttpOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Http";

    /// <summary>Networks of the proxies whose X-Forwarded-For, -Proto and -Prefix are believed, such as 10.0.0.0/8. Empty: nobody's.</summary>
    public IList<string> ProxyNetworks { get; set; } = [];

    /// <summary>Origins of pages that may read and change things in a browser, such as https://shop.example.com. Empty: only its own.</summary>
    public IList<string> AllowedOrigins { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var network in ProxyNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
            yield return new ValidationResult($"{Section}:ProxyNetworks holds '{network}'; write networks like 10.0.0.0/8.");
        foreach (var origin in AllowedOrigins.Where(origin => !IsOrigin(origin)))
            yield return new ValidationResult($"{Section}:AllowedOrigins holds '{origin}'; write origins like https://shop.example.com, without a path.");
    }

    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}
