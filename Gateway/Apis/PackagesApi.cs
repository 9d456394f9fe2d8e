using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Packages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Packages.</summary>
internal static class PackagesApi
{
    public static void MapPackages(this IEndpointRouteBuilder api)
    {
        var packages = api.MapGroup("/packages").WithTags("Packages").RequireAuthorization(Policies.Deliveries);
        packages.MapGet("/{id}", Get).ProducesNotFound().WithSummary("A package.");
        packages.MapPut("", PutNew).AcceptsJson<PackageBody>().AcceptsIdempotencyKey().WithSummary("Makes a package; its id is made too.");
        packages.MapPut("/{id}", Put).AcceptsJson<PackageBody>().ChoosesId().DecidesConditionsIn(Package).WithSummary("Makes or replaces a package.");
        packages.MapPatch("/{id}", Patch).AcceptsJson<PackageChangeBody>().DecidesConditionsIn(Package).ProducesNotFound().WithSummary("Changes the given fields.");
    }

    public static async Task<Results<Ok<PackageResource>, NotFound>> Get(string id, Caller caller, IGrainFactory grains) =>
        await grains.GetGrain<IPackageGrain>(id).Get() is { } package && caller.MayActFor(package.OwnerId)
            ? TypedResults.Ok(PackageResource.Of(id, package.Details) with { Version = package.Version })
            : TypedResults.NotFound();

    public static async Task<Results<Created<PackageResource>, ForbiddenProblem, UnprocessableProblem, ValidationProblem>> PutNew(
        JsonBody body, IdempotencyKey? key, Caller caller, HttpRequest request, IGrainFactory grains)
    {
        if (!body.TryRead(ReadPackage, out var input, out ValidationProblem? problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        if (caller.Refuse(input.OwnerId) is { } refusal) return refusal;

        var owner = caller.OwnerFor(input.OwnerId) ?? OrderInput.NobodysAccount;
        var id = key is null
            ? Guid.CreateVersion7().ToString("N")
            : key.Id("package", owner, await key.SchemeOf("package", owner, async known => (await grains.GetGrain<IPackageGrain>(known).Get())?.OwnerId));
        var result = await grains.GetGrain<IPackageGrain>(id).Make(key is null ? CommandId.New() : IdempotencyKey.Command(body), owner, input.Details);
        return result.Outcome == CommandOutcome.Created
            ? TypedResults.Created(request.PathTo($"/api/packages/{id}"), PackageResource.Of(id, input.Details))
            : IdempotencyKey.Reused();
    }

    public static async Task<Results<Created<PackageResource>, NoContent, ForbiddenProblem, ConflictProblem, ValidationProblem>> Put(
        string id, JsonBody body, Caller caller, HttpRequest request, IGrainFactory grains)
    {
        if (!body.TryRead(ReadPackage, out var input, out ValidationProblem? problem)) return problem;

        if (caller.Refuse(input.OwnerId) is { } refusal) return refusal;

        // Bodies of the earlier service name no owner.
        var package = grains.GetGrain<IPackageGrain>(id);
        var owner = caller.OwnerFor(input.OwnerId) ?? (await package.Get())?.OwnerId ?? OrderInput.NobodysAccount;
        var result = await package.Put(CommandId.New(), owner, input.Details);
        return result.Outcome switch
        {
            CommandOutcome.Created => TypedResults.Created(request.PathTo($"/api/packages/{id}"), PackageResource.Of(id, input.Details)),
            CommandOutcome.Done => TypedResults.NoContent(),
            _ => new ConflictProblem(result),
        };
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> Patch(
        string id, JsonBody body, Caller caller, IGrainFactory grains)
    {
        if (!body.TryRead(ReadChange, out var change, out ValidationProblem? problem)) return problem;

        var result = await grains.GetGrain<IPackageGrain>(id).Patch(CommandId.New(), caller.ActsForAll ? null : caller.OwnerId, change);
        return result.Outcome switch
        {
            CommandOutcome.NotFound => TypedResults.NotFound(),
            CommandOutcome.Done => TypedResults.NoContent(),
            _ => new ConflictProblem(result),
        };
    }

    private static IAddressable Package(IGrainFactory grains, HttpRequest request) => grains.GetGrain<IPackageGrain>(request.Id());

    private static PackageInput ReadPackage(JsonFields body) => new(OrderInput.ReadPackage(body), body.Id("ownerId"));

    private static PackageChange ReadChange(JsonFields body)
    {
        var change = new PackageChange(
            body.Choice<PackageSize>("size"), body.Positive("weight", PackageDetails.MaxWeight), body.Text("tag", OrderInput.MaxTextLength));
        if (change is { Size: null, Weight: null, Tag: null }) body.FaultAll("has nothing to change");
        return change;
    }

    private sealed record PackageInput(PackageDetails Details, string? OwnerId);
}
