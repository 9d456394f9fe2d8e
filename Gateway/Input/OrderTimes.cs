using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Input;

/// <summary>What is taken as an order; section <c>Orders</c>.</summary>
internal sealed class OrderOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Orders";

    /// <summary>How far ahead a pickup time may lie: until then an order takes up room.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromDays(90);
}

/// <summary>Whether the times of an order can be kept.</summary>
internal sealed class OrderTimes(TimeProvider time, IOptions<OrderOptions> options)
{
    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Why a parcel is not fetched then; null: it may be.</summary>
    public string? Objection(DateTimeOffset? pickup) => pickup > Now + options.Value.MaxAhead
        ? string.Create(CultureInfo.InvariantCulture, $"is too far ahead: parcels are fetched up to {options.Value.MaxAhead.TotalDays:0.##} days after they were ordered")
        : null;

    /// <summary>Why no parcel can be there in time; null: it may. A pickup time that has passed counts as now.</summary>
    public string? Objection(DateTimeOffset? deadline, DateTimeOffset? pickup) =>
        deadline <= Now ? string.Create(CultureInfo.InvariantCulture, $"has passed: it was {deadline.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}")
        : deadline < pickup ? string.Create(CultureInfo.InvariantCulture, $"is before the pickup time, {pickup.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}")
        : null;
}
