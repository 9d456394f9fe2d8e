using System.IO.Compression;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Hosting;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DroneDelivery.Gateway.Http;

/// <summary>What every answer owes to browsers, proxies and caches.</summary>
internal static class HttpManners
{
    private const string IsHead = nameof(IsHead);
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>Whether the client asked for the headers only; to handlers HEAD looks like GET.</summary>
    public static bool AsksForHeadersOnly(this HttpContext context) => context.Items.ContainsKey(IsHead);

    /// <summary>Adds forwarded headers, CORS, compression and HSTS.</summary>
    public static WebApplicationBuilder AddHttpManners(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidated<HttpOptions>(HttpOptions.Section);
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>((forwarded, http) =>
        {
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in http.Value.ProxyNetworks) forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));

            // Without known networks everybody would be believed.
            forwarded.ForwardedHeaders = http.Value.ProxyNetworks.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedPrefix;
        });
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<HttpOptions>>((cors, http) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. http.Value.AllowedOrigins])
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete)
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.ContentEncoding, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, "Prefer", "Last-Event-ID", IdempotencyKey.Header, HeaderNames.TraceParent)
            .WithExposedHeaders(HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, "Preference-Applied")
            .SetPreflightMaxAge(PreflightAge)));
        builder.Services.AddResponseCompression(compression =>
        {
            // Nothing here mixes a secret with what an attacker chooses: a browser sends no credentials by itself but to the dashboard, which shows no secrets.
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json", Problem.ContentType, "application/openapi+json", "text/html", "text/css", "text/javascript", "application/javascript"];
        });
        builder.Services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        builder.Services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        return builder;
    }

    /// <summary>The pipeline's beginning.</summary>
    public static WebApplication UseHttpManners(this WebApplication app)
    {
        app.UseForwardedHeaders();
        if (!HostingOptions.IsLocal(app.Configuration)) app.UseHsts();
        app.UseResponseCompression();
        app.Use(SetHeaders);
        app.Use(ServeHeadAndOptions);
        return app;
    }

    // As late as possible: a failure clears what was set before.
    private static Task SetHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state => SetHeaders((HttpContext)state), context);
        return next(context);
    }

    private static Task SetHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        var isApi = context.Request.Path.StartsWithSegments("/api");
        headers.ContentSecurityPolicy = isApi ? "default-src 'none'; frame-ancestors 'none'" : "frame-ancestors 'none'";
        if (isApi && headers.CacheControl.Count == 0) headers.CacheControl = "no-store";

        // It is not a coding that an answer may name (RFC 9110, section 8.4.1), but streams of events come with it.
        if (headers.ContentEncoding == "identity") headers.Remove(HeaderNames.ContentEncoding);
        return Task.CompletedTask;
    }

    // The server itself leaves out the body of an answer to HEAD. A route's methods are what the refusal of a wrong one lists.
    private static async Task ServeHeadAndOptions(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[IsHead] = true;
            context.Request.Method = HttpMethods.Get;
        }

        await next(context);
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed || context.Response.HasStarted) return;

        var allowed = context.Response.Headers.Allow.ToString();
        if (allowed.Contains(HttpMethods.Get, StringComparison.Ordinal)) allowed += ", HEAD";
        context.Response.Headers.Allow = $"{allowed}, OPTIONS";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
