using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Input;

/// <summary>A month of UTC days, the owner being in the path.</summary>
internal readonly record struct MonthParameters(
    [property: FromQuery(Name = "year"), Description("The year, such as 2030.")] string? Year,
    [property: FromQuery(Name = "month"), Description("The month, 1 to 12.")] string? Month)
{
    /// <summary>Reads the parameters, or gives a problem that names those at fault.</summary>
    public bool TryRead(out (int Year, int Month) month, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        var fields = new QueryFields();
        month = Read(fields, Year, Month);
        problem = fields.Errors.Any ? Problem.Validation(fields.Errors.ToDictionary()) : null;
        return problem is null;
    }

    internal static (int Year, int Month) Read(QueryFields fields, string? year, string? month) =>
        (fields.RequiredWhole("year", year, LooseTime.EarliestYear, LooseTime.LatestYear), fields.RequiredWhole("month", month, 1, 12));
}

/// <summary>A month of UTC days of an owner.</summary>
internal readonly record struct OwnerMonthParameters(
    [property: FromQuery(Name = "ownerId"), Description("The account.")] string? OwnerId,
    [property: FromQuery(Name = "year"), Description("The year, such as 2030.")] string? Year,
    [property: FromQuery(Name = "month"), Description("The month, 1 to 12.")] string? Month)
{
    /// <summary>Reads the parameters, or gives a problem that names those at fault.</summary>
    public bool TryRead(out (string OwnerId, int Year, int Month) month, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        var fields = new QueryFields();
        var owner = fields.RequiredId("ownerId", OwnerId);
        var (year, number) = MonthParameters.Read(fields, Year, Month);
        month = (owner, year, number);
        problem = fields.Errors.Any ? Problem.Validation(fields.Errors.ToDictionary()) : null;
        return problem is null;
    }
}
