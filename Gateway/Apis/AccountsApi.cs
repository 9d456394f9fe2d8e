using DroneDelivery.Accounts;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Standing of accounts.</summary>
internal static class AccountsApi
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").WithTags("Accounts").RequireAuthorization(Policies.Deliveries).AddEndpointFilter(Ownership.OfAccount);
        accounts.MapGet("/{id}", Get).WithSummary("An account; one never written is active.");
        var standing = api.MapGroup("/accounts").WithTags("Accounts").RequireAuthorization(Policies.Operators);
        standing.MapPut("/{id}", Put).AcceptsJson<AccountBody>().DecidesConditionsIn((grains, request) => grains.GetGrain<IAccountGrain>(request.Id())).WithSummary("Suspends or reactivates an account, and sets its limits.");
    }

    public static async Task<Ok<AccountResource>> Get(string id, IGrainFactory grains) =>
        TypedResults.Ok(AccountResource.Of(await grains.GetGrain<IAccountGrain>(id).Get()));

    public static async Task<Results<Ok<AccountResource>, ConflictProblem, ValidationProblem>> Put(string id, JsonBody body, IGrainFactory grains)
    {
        if (!body.TryRead(Read, out var wanted, out ValidationProblem? problem)) return problem;

        var account = grains.GetGrain<IAccountGrain>(id);
        var result = await account.SetStanding(CommandId.New(), wanted.Standing, wanted.Reason);
        if (!result.Succeeded) return new ConflictProblem(result);
        if (wanted.Limits is { } limits) await account.SetLimits(CommandId.New(), new AccountLimits(limits.OpenRequests, limits.Weight));
        return TypedResults.Ok(AccountResource.Of(await account.Get()));
    }

    private static AccountBody Read(JsonFields body) => new(
        body.RequiredChoice<AccountStanding>("standing"),
        body.Text("reason", OrderInput.MaxTextLength),
        body.Object("limits") is { } limits
            ? new AccountLimitsResource((int?)limits.Whole("openRequests", 0, AccountLimits.MaxOpenRequests), limits.Positive("weight", 1e9))
            : null);
}
