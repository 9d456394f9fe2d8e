namespace DroneDelivery;

/// <summary>Stage of a delivery; the numbers are part of the HTTP contract.</summary>
public enum DeliveryStage
{
    /// <summary>Known, no drone under way.</summary>
    Created = 0,
    /// <summary>Changed by the client, or its drone was lost before pickup; waits for another mission.</summary>
    Rescheduled = 1,
    /// <summary>A drone flies to the pickup.</summary>
    HeadedToPickup = 2,
    /// <summary>A drone carries the parcel.</summary>
    HeadedToDropoff = 3,
    /// <summary>Handed over and confirmed as asked; final.</summary>
    Completed = 4,
    /// <summary>Cancelled before pickup; final.</summary>
    Cancelled = 5,
}

/// <summary>How the receiver confirms; the numbers are part of the HTTP contract.</summary>
public enum ConfirmationRequired
{
    /// <summary>A fingerprint.</summary>
    FingerPrint = 0,
    /// <summary>A picture.</summary>
    Picture = 1,
    /// <summary>A voice recording.</summary>
    Voice = 2,
    /// <summary>Nothing: the drone's handover report is enough.</summary>
    None = 3,
}

/// <summary>Size class of a package.</summary>
public enum PackageSize
{
    /// <summary>Fits every drone.</summary>
    Small = 0,
    /// <summary>Needs a medium bay.</summary>
    Medium = 1,
    /// <summary>Needs a large bay.</summary>
    Large = 2,
}
