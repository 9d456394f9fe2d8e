using Microsoft.AspNetCore.Http.Features;

namespace DroneDelivery.Gateway.Sharing;

/// <summary>
/// Takes a share link out of the path before the host begins the log scope and the trace of the request: whoever reads those must not be able to follow a
/// delivery. The handlers find it among the route values all the same.
/// </summary>
internal sealed class HiddenLinks(IServiceProvider services) : IHttpContextFactory
{
    private const string Prefix = "/api/shared/";
    private const string Tracking = "/tracking";

    private readonly DefaultHttpContextFactory _factory = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var link = Hide(featureCollection.GetRequiredFeature<IHttpRequestFeature>());
        var context = _factory.Create(featureCollection);
        if (link is not null) context.Items[typeof(HiddenLinks)] = link;
        return context;
    }

    public void Dispose(HttpContext httpContext) => _factory.Dispose(httpContext);

    /// <summary>Behind the routing, which has seen that there is a link, but not which.</summary>
    public static Task Show(HttpContext context, RequestDelegate next)
    {
        if (context.Items[typeof(HiddenLinks)] is { } link && context.Request.RouteValues.ContainsKey("link")) context.Request.RouteValues["link"] = link;
        return next(context);
    }

    private static string? Hide(IHttpRequestFeature request)
    {
        var start = request.Path.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0) return null;
        start += Prefix.Length;
        var link = request.Path[start..].TrimEnd('/');
        var rest = link.EndsWith(Tracking, StringComparison.OrdinalIgnoreCase) ? Tracking : "";
        link = link[..^rest.Length];
        if (link.Length == 0) return null;

        // What follows a link, or stands before it, may be a part of it that got a slash.
        request.Path = $"{request.Path[..start]}hidden{(link.Contains('/', StringComparison.Ordinal) ? "/nowhere" : rest)}";
        return link;
    }
}
