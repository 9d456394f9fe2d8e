using DroneDelivery.Gateway.Problems;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// Endpoint filters that hide what is not the caller's business, where the path says whose it is: it is answered like what does not exist.
/// Whose a delivery is only its grains know; they compare it with <see cref="Caller.Account"/>.
/// </summary>
internal static class Ownership
{
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
