using DroneDelivery.Gateway.Problems;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace DroneDelivery.Gateway.Http;

/// <summary>
/// What a client demands of the present version of what it changes: <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110, section 13). Tags are compared weakly, since
/// they stand for what a resource says, not for its bytes.
/// </summary>
internal sealed class Conditions
{
    private readonly IList<EntityTagHeaderValue>? _match;
    private readonly IList<EntityTagHeaderValue>? _noneMatch;

    private Conditions(IList<EntityTagHeaderValue>? match, IList<EntityTagHeaderValue>? noneMatch) => (_match, _noneMatch) = (match, noneMatch);

    /// <summary>The conditions of a request; null: none.</summary>
    public static Conditions? Of(HttpRequest request) => request.Headers is { IfMatch.Count: 0, IfNoneMatch.Count: 0 }
        ? null
        : new(Read(request.Headers.IfMatch), Read(request.Headers.IfNoneMatch));

    /// <summary>The same for the grain that decides.</summary>
    public Precondition For(GrainId grain) => new(grain.ToString(), Versions(_match), Versions(_noneMatch));

    /// <summary>Whether a resource of this tag is as demanded; null: there is no such resource.</summary>
    public bool HoldFor(string? tag) => (_match is null || Has(_match, tag)) && (_noneMatch is null || !Has(_noneMatch, tag));

    // What cannot be read is no tag that was ever given: it matches nothing.
    private static IList<EntityTagHeaderValue>? Read(StringValues values) =>
        values.Count == 0 ? null : EntityTagHeaderValue.TryParseList(values, out var tags) ? tags : [];

    private static List<string>? Versions(IList<EntityTagHeaderValue>? tags) =>
        tags?.Select(tag => tag.Tag == "*" ? Precondition.Any : ConditionalGet.VersionIn(tag.Tag.Value!)).OfType<string>().ToList();

    private static bool Has(IList<EntityTagHeaderValue> tags, string? tag) =>
        tag is not null && tags.Any(candidate => candidate.Tag == "*" || ConditionalGet.IsSame(candidate.Tag.Value!, tag));
}

/// <summary>How routes that write honour conditions; one that says nothing changes something that has no representation of its own, so that nothing can match.</summary>
internal static class ConditionalWrites
{
    /// <summary>Endpoint filter of all routes: a route without a representation of its own cannot meet <c>If-Match</c>.</summary>
    public static ValueTask<object?> RefuseWithoutRepresentation(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsWrite(context.HttpContext) && context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<HonoursConditions>() is null
        && Conditions.Of(context.HttpContext.Request) is { } conditions && !conditions.HoldFor(null)
            ? ValueTask.FromResult<object?>(Failed())
            : next(context);

    /// <summary>The grain that decides about the change decides about its conditions too, in the same turn.</summary>
    /// <param name="route">The route.</param>
    /// <param name="target">The grain.</param>
    public static RouteHandlerBuilder DecidesConditionsIn(this RouteHandlerBuilder route, Func<IGrainFactory, HttpRequest, IAddressable> target) => route.Honours(HonoursConditions.InGrain)
        .AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (Conditions.Of(http.Request) is { } conditions)
                conditions.For(target(http.RequestServices.GetRequiredService<IGrainFactory>(), http.Request).GetGrainId()).Attach();
            return await next(context);
        });

    /// <summary>Conditions are compared with what a read says just before the change, for what no single grain decides: another change may come in between.</summary>
    /// <param name="route">The route.</param>
    /// <param name="read">Reads what the route changes, as it is shown; null: it is not there.</param>
    public static RouteHandlerBuilder ComparesConditionsWith(this RouteHandlerBuilder route, Func<IGrainFactory, HttpRequest, Task<object?>> read) => route.Honours(HonoursConditions.InGateway)
        .AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (Conditions.Of(http.Request) is not { } conditions) return await next(context);

            var json = http.RequestServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
            var now = await read(http.RequestServices.GetRequiredService<IGrainFactory>(), http.Request);

            // What is not there is only made by PUT; other methods say so themselves.
            if (now is null && !HttpMethods.IsPut(http.Request.Method)) return await next(context);
            return conditions.HoldFor(now is null ? null : ConditionalGet.TagOf(now, json)) ? await next(context) : Failed();
        });

    /// <summary>A path segment.</summary>
    public static string Id(this HttpRequest request, string name = "id") => (string)request.RouteValues[name]!;

    /// <summary>Says in the API document of every route that writes that conditions may fail.</summary>
    public static void Document(EndpointBuilder route)
    {
        if (route.Metadata.OfType<IHttpMethodMetadata>().Any(methods => !methods.HttpMethods.Contains(HttpMethods.Get)))
            route.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status412PreconditionFailed, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), [Problem.ContentType]));
    }

    private static RouteHandlerBuilder Honours(this RouteHandlerBuilder route, HonoursConditions how) => route.WithMetadata(how).AddOpenApiOperationTransformer((operation, _, _) =>
    {
        var parameters = operation.Parameters ??= [];
        parameters.Add(Header(HeaderNames.IfMatch, "Changes it only if it is of one of these versions, by the ETag of a read; * for any, if it is there. 412 otherwise."));
        parameters.Add(Header(HeaderNames.IfNoneMatch, "Changes it only if it is of none of these versions; * only if it is not there. 412 otherwise."));
        return Task.CompletedTask;
    });

    private static OpenApiParameter Header(string name, string description) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static bool IsWrite(HttpContext http) => !HttpMethods.IsGet(http.Request.Method);

    private static ConflictProblem Failed() => new(CommandResult.PreconditionFailed);
}

/// <summary>Says of a route where its conditions are decided.</summary>
internal sealed class HonoursConditions
{
    private HonoursConditions()
    {
    }

    /// <summary>In the turn of the grain that makes the change.</summary>
    public static HonoursConditions InGrain { get; } = new();

    /// <summary>In the gateway, before the change.</summary>
    public static HonoursConditions InGateway { get; } = new();
}
