namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>Size class of a parcel, by the names of the HTTP contract.</summary>
internal enum ParcelSize
{
    Small,
    Medium,
    Large,
}
