using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace DroneDelivery.Gateway.Input;

/// <summary>What goes wrong while a body is received.</summary>
internal static class RequestBody
{
    // A photo of any phone; what claims to be longer is cut off.
    private const long Received = 32 * 1024 * 1024;

    /// <summary>
    /// Says that the client is at fault: the server reports a chunk whose size is out of range, and a body that breaks off, as a mere <see cref="IOException"/>.
    /// </summary>
    public static BadHttpRequestException Unreadable(IOException exception) => new("The body cannot be read to its end.", exception);

    /// <summary>Lets the body of a route be longer than others.</summary>
    public static RouteHandlerBuilder AcceptsUpTo(this RouteHandlerBuilder route, long bytes) => route.WithMetadata(new SizeLimit(bytes));

    /// <summary>The same, and what is longer by its own account is received to its end, so that the client reads why it is refused instead of losing its connection.</summary>
    /// <param name="route">The route.</param>
    /// <param name="bytes">Longest body.</param>
    /// <param name="reason">What to tell a client whose body is longer.</param>
    public static RouteHandlerBuilder AcceptsUpTo(this RouteHandlerBuilder route, long bytes, string reason) => route.AcceptsUpTo(bytes).WithMetadata(new Refusal(bytes, reason));

    /// <summary>Middleware for <see cref="AcceptsUpTo(RouteHandlerBuilder, long, string)"/>; only who may use the route comes so far.</summary>
    public static async Task Refuse(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Refusal>() is not { } refusal || context.Request.ContentLength is not (> 0 and <= Received and var length) || length <= refusal.Bytes)
        {
            await next(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = Received;
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw Unreadable(exception);
        }

        throw new BadHttpRequestException(refusal.Reason, StatusCodes.Status413PayloadTooLarge);
    }

    private sealed class SizeLimit(long bytes) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => bytes;
    }

    private sealed record Refusal(long Bytes, string Reason);
}
