using DroneDelivery.Gateway.Resources;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>The probe of the earlier services.</summary>
internal static class ProbeApi
{
    public static void MapProbe(this IEndpointRouteBuilder api) =>
        api.MapGroup("/probe").WithTags("Probe").AllowAnonymous().MapGet("", Get).WithSummary("Whether the gateway answers; asks nobody else.");

    public static Ok<ProbeResource> Get() => TypedResults.Ok(new ProbeResource("ok"));
}
