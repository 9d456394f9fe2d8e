using DroneDelivery.Accounts;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Resources;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Standing of accounts.</summary>
internal static class AccountsApi
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").WithTags("Accounts");
        accounts.MapGet("/{id}", Get).WithSummary("An account; one never written is active.");
        accounts.MapPut("/{id}", Put).AcceptsJson<AccountBody>().WithSummary("Suspends or reactivates an account.");
    }

    public static async Task<Ok<AccountResource>> Get(string id, IGrainFactory grains)
    {
        var account = await grains.GetGrain<IAccountGrain>(id).Get();
        return TypedResults.Ok(new AccountResource(id, account.Standing, account.Reason));
    }

    public static async Task<Results<Ok<AccountResource>, ValidationProblem>> Put(string id, JsonBody body, IGrainFactory grains)
    {
        if (!body.TryRead(Read, out var account, out ValidationProblem? problem)) return problem;

        await grains.GetGrain<IAccountGrain>(id).SetStanding(CommandId.New(), account.Standing, account.Reason);
        return TypedResults.Ok(new AccountResource(id, account.Standing, account.Reason));
    }

    private static AccountBody Read(JsonFields body) =>
        new(body.RequiredChoice<AccountStanding>("standing"), body.Text("reason", OrderInput.MaxTextLength));
}
