using DroneDelivery.Gateway.Problems;

namespace DroneDelivery.Gateway.Input;

/// <summary>Refuses ids in the path that can't be any, before a grain is woken for them.</summary>
internal static class RouteIds
{
    public static ValueTask<object?> Check(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (var (name, value) in context.HttpContext.Request.RouteValues)
        {
            if (value is string id && !EntityId.IsValid(id))
                return ValueTask.FromResult<object?>(Problem.Validation(name, EntityId.Rule));
        }

        return next(context);
    }

    /// <summary>Refuses to make something whose id, the last value of the path, is a route.</summary>
    public static RouteHandlerBuilder ChoosesId(this RouteHandlerBuilder route) => route.AddEndpointFilter((context, next) =>
        context.HttpContext.Request.RouteValues.LastOrDefault() is (var name, string id) && EntityId.IsReserved(id)
            ? ValueTask.FromResult<object?>(Problem.Validation(name, EntityId.ReservedRule))
            : next(context));
}
