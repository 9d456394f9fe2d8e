namespace DroneDelivery.Shipping;

/// <summary>The picture, print or recording that confirms a delivery, kept apart from the delivery and for a time only; key: the delivery id.</summary>
[Alias("DroneDelivery.Shipping.IConfirmationGrain")]
public interface IConfirmationGrain : IGrainWithStringKey
{
    /// <summary>Keeps the evidence, in place of any before it; returns once it is stored and its deletion is.</summary>
    [Alias("Keep")]
    Task Keep(string blob);

    /// <summary>
    /// The evidence; null: there is none for this caller, or not any more. The delivery says whose it is; no other evidence comes in between.
    /// </summary>
    [Alias("Get")]
    ValueTask<string?> Get(CallerAccount caller);

    /// <summary>Deletes the evidence; nothing happens when there is none.</summary>
    [Alias("Forget")]
    Task Forget();
}

/// <summary>Deliveries whose evidence was kept on one UTC day, a part of them; key: <see cref="ConfirmationDays"/>.</summary>
[Alias("DroneDelivery.Shipping.IConfirmationDayGrain")]
public interface IConfirmationDayGrain : IGrainWithStringKey
{
    /// <summary>Remembers a delivery durably. Writes of concurrent calls are grouped.</summary>
    [Alias("Add")]
    Task Add(string deliveryId);

    /// <summary>Deletes the evidence of some deliveries; harmless to repeat at any point.</summary>
    /// <returns>Whether none is left.</returns>
    [Alias("Sweep")]
    Task<bool> Sweep(int most);
}

/// <summary>Has evidence deleted when its time is over, day by day; key: 0.</summary>
[Alias("DroneDelivery.Shipping.IConfirmationSweeperGrain")]
public interface IConfirmationSweeperGrain : IGrainWithIntegerKey
{
    /// <summary>Brings it to life for good, so that it does what is due.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>Keys of <see cref="IConfirmationDayGrain"/>.</summary>
public static class ConfirmationDays
{
    /// <summary>Parts of a day; what is stored depends on it, so it never changes.</summary>
    public const int Parts = 16;

    /// <summary>A part of a day.</summary>
    public static string Key(DateOnly day, int part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}/{part}");

    /// <summary>The part that a delivery belongs to, by Orleans' uniform hash.</summary>
    public static int PartOf(string deliveryId) => (int)(GrainId.Create("delivery", deliveryId).GetUniformHashCode() % Parts);
}
