using DroneDelivery.Gateway.Problems;

namespace DroneDelivery.Gateway.Security;

/// <summary>Endpoint filters that hide what is not the caller's business: it is answered like what does not exist.</summary>
internal static class Ownership
{
    /// <summary>The delivery named in the path must be the caller's. One that nobody asked for passes.</summary>
    public static async ValueTask<object?> OfDelivery(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var caller = Caller.Of(http);
        if (caller.ActsForAll || (http.Request.RouteValues["id"] ?? http.Request.RouteValues["deliveryId"]) is not string id) return await next(context);

        var owner = await http.RequestServices.GetRequiredService<DeliveryOwners>().Find(id);
        return owner is null || caller.MayActFor(owner) ? await next(context) : NotFound();
    }

    /// <summary>The account named in the path or the query must be the caller's.</summary>
    public static ValueTask<object?> OfAccount(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var named = request.RouteValues["ownerId"] as string ?? request.RouteValues["id"] as string ?? request.Query["ownerId"].ToString();
        return named.Length == 0 || Caller.Of(context.HttpContext).MayActFor(named) ? next(context) : ValueTask.FromResult<object?>(NotFound());
    }

    /// <summary>The drone named in the path must be the caller, unless it may act as any.</summary>
    public static ValueTask<object?> OfDrone(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.RouteValues["id"] is not string id || Caller.Of(context.HttpContext).MayActAs(id)
            ? next(context)
            : ValueTask.FromResult<object?>(NotFound());

    private static IResult NotFound() => TypedResults.Problem(Problem.Details(StatusCodes.Status404NotFound));
}
