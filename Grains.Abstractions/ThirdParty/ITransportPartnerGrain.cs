using Orleans.Concurrency;

namespace DroneDelivery.ThirdParty;

/// <summary>
/// What one transport partner was asked to carry and what it says of it; key: the partner's id. The partner's word on a pickup is final:
/// it cannot be fenced off as a drone can.
/// </summary>
[Alias("DroneDelivery.ThirdParty.ITransportPartnerGrain")]
public interface ITransportPartnerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Asks the partner to carry an order, once however often it is called; the answer is what is known by now, and may still be Asked.
    /// </summary>
    [Alias("Book")]
    Task<PartnerOrderSnapshot> Book(PartnerOrder order);

    /// <summary>
    /// Cancels with the partner, also an order whose <see cref="Book"/> is still under way: Done, or Conflict when the partner has the
    /// parcel. Throws when the partner cannot be reached; then nothing is decided.
    /// </summary>
    [Alias("Cancel")]
    Task<CommandResult> Cancel(string deliveryId, int attempt);

    /// <summary>Takes in what the partner says; repeated and late reports change nothing: Done, NotFound for an order it was not asked for.</summary>
    [Alias("Notice")]
    Task<CommandResult> Notice(PartnerReport report);

    /// <summary>The order, or null when the partner was never asked for it or it is long over.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<PartnerOrderSnapshot?> Get(string deliveryId, int attempt);

    /// <summary>Orders that are not over, the oldest first.</summary>
    [Alias("List"), AlwaysInterleave]
    ValueTask<IReadOnlyList<PartnerOrderSnapshot>> List();
}
