using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Invoicing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>What an owner's deliveries of a month come to, whole or by part as the earlier services had it.</summary>
internal static class InvoicesApi
{
    public static void MapInvoices(this IEndpointRouteBuilder api)
    {
        var ledgers = api.MapGroup("").RequireAuthorization(Policies.Deliveries).AddEndpointFilter(Ownership.OfAccount);
        ledgers.MapGet("/invoices/{ownerId}", Get).WithTags("Invoices").WithSummary("An owner's month: deliveries completed, weight carried, miles flown, hours assigned.");
        ledgers.MapGet("/deliveries/summary", CountDeliveries).WithTags("Deliveries").WithSummary("How many of an owner's deliveries completed in a month.");
        ledgers.MapGet("/packages/summary/{ownerId}", SumPackages).WithTags("Packages").WithSummary("Weight of an owner's packages delivered in a month, kilograms.");
        ledgers.MapGet("/dronedeliveries/utilization", GetUtilization).WithTags("Drone deliveries").ProducesNotFound()
            .WithSummary("What drones flew for an owner in a month; 404 when nothing.");
    }

    public static async Task<Results<Ok<InvoiceResource>, ValidationProblem>> Get(
        string ownerId, [AsParameters] MonthParameters parameters, IGrainFactory grains, TimeProvider time)
    {
        if (!parameters.TryRead(out var month, out var problem)) return problem;
        var totals = await Sum(ownerId, month.Year, month.Month, grains, time);
        return TypedResults.Ok(InvoiceResource.Of(ownerId, month.Year, month.Month, totals));
    }

    public static async Task<Results<Ok<DeliveriesSummaryResource>, ValidationProblem>> CountDeliveries(
        [AsParameters] OwnerMonthParameters parameters, IGrainFactory grains, TimeProvider time)
    {
        if (!parameters.TryRead(out var month, out var problem)) return problem;
        return TypedResults.Ok(new DeliveriesSummaryResource((await Sum(month.OwnerId, month.Year, month.Month, grains, time)).Deliveries));
    }

    public static async Task<Results<Ok<PackagesSummaryResource>, ValidationProblem>> SumPackages(
        string ownerId, [AsParameters] MonthParameters parameters, IGrainFactory grains, TimeProvider time)
    {
        if (!parameters.TryRead(out var month, out var problem)) return problem;
        return TypedResults.Ok(new PackagesSummaryResource((await Sum(ownerId, month.Year, month.Month, grains, time)).Weight));
    }

    public static async Task<Results<Ok<UtilizationResource>, NotFound, ValidationProblem>> GetUtilization(
        [AsParameters] OwnerMonthParameters parameters, IGrainFactory grains, TimeProvider time)
    {
        if (!parameters.TryRead(out var month, out var problem)) return problem;
        var totals = await Sum(month.OwnerId, month.Year, month.Month, grains, time);
        return totals.Deliveries == 0 ? TypedResults.NotFound() : TypedResults.Ok(new UtilizationResource(totals.Miles, totals.Hours));
    }

    /// <summary>
    /// The month as the sum of its days, all asked at once. One answer serves every part of an invoice, so that parts never disagree. Days to come
    /// are left out, but for one: the silo that wrote may be ahead of this clock.
    /// </summary>
    private static async Task<LedgerTotals> Sum(string ownerId, int year, int month, IGrainFactory grains, TimeProvider time)
    {
        var tomorrow = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1);
        var days = LedgerKey.DaysOf(year, month)
            .Where(day => day <= tomorrow)
            .Select(day => grains.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of(ownerId, day)).Get().AsTask());
        return (await Task.WhenAll(days)).Aggregate(LedgerTotals.Zero, (sum, day) => sum + day);
    }
}
