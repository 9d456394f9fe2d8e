using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Queries;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Input;

/// <summary>Which deliveries to list. Texts, so that each that cannot be read is named.</summary>
internal readonly record struct DeliveryListParameters(
    [property: FromQuery(Name = "ownerId"), Description("Deliveries of this account only.")] string? OwnerId,
    [property: FromQuery(Name = "stage"), Description("Deliveries at this stage only, by name or number.")] string? Stage,
    [property: FromQuery(Name = "from"), Description("Deliveries that came to their stage at this time or later; ISO 8601.")] string? From,
    [property: FromQuery(Name = "to"), Description("Deliveries that came to their stage before this time; ISO 8601.")] string? To,
    [property: FromQuery(Name = "continuation"), Description("From the page before.")] string? Continuation,
    [property: FromQuery(Name = "limit"), Description("Most deliveries on a page, 1 to 200; 50 when left out.")] string? Limit)
{
    /// <summary>Reads the parameters, or gives a problem that names those at fault.</summary>
    public bool TryRead([NotNullWhen(true)] out DeliveryIndexQuery? query, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        var fields = new QueryFields();
        query = new(
            fields.Id("ownerId", OwnerId),
            fields.Choice<DeliveryStage>("stage", Stage),
            fields.Time("from", From),
            fields.Time("to", To),
            null,
            fields.Whole("limit", Limit, 1, DeliveryIndexQuery.MaxLimit) ?? DeliveryIndexQuery.DefaultLimit);
        if (query.From > query.To) fields.Errors.Add("to", "must not be before from");
        if (DeliveryIndexPosition.TryParse(Continuation, out var after)) query = query with { After = after };
        else if (!string.IsNullOrEmpty(Continuation)) fields.Errors.Add("continuation", "must be the continuation of an earlier page");

        problem = fields.Errors.Any ? Problem.Validation(fields.Errors.ToDictionary()) : null;
        if (problem is not null) query = null;
        return query is not null;
    }
}
