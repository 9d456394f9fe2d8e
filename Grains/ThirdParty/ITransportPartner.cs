namespace DroneDelivery.ThirdParty;

/// <summary>
/// A transport partner: somebody who carries what no drone can. A port; the partner knows an order by delivery and attempt, and every call
/// may be repeated.
/// </summary>
internal interface ITransportPartner
{
    /// <summary>Asks it to carry the order; the same order again gets the answer of today, and a cancelled one stays cancelled.</summary>
    /// <exception cref="PartnerException">It cannot be reached, or its answer is not understood; it may have been asked all the same.</exception>
    Task<PartnerReport> Book(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken);

    /// <summary>What it says of the order now; null when it knows none.</summary>
    /// <exception cref="PartnerException">It cannot be reached, or its answer is not understood.</exception>
    Task<PartnerReport?> Find(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken);

    /// <summary>Cancels an order, also one that has not arrived yet; the answer says PickedUp or Delivered when it is too late for that.</summary>
    /// <exception cref="PartnerException">It cannot be reached, or its answer is not understood; nothing is decided.</exception>
    Task<PartnerReport> Cancel(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken);
}

/// <summary>A partner cannot be reached, or says what is not understood. Trying again may help.</summary>
internal sealed class PartnerException(string message, Exception? inner = null) : IOException(message, inner);
