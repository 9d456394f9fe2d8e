namespace DroneDelivery;

/// <summary>
/// The store cannot serve at the moment, for a reason outside this service: a full disk, a file system that fails or was mounted for reading only, a lock that
/// another program holds. Nothing was written, and the same operation may succeed later without a change of the code.
/// </summary>
[GenerateSerializer, Alias("DroneDelivery.StoreUnavailableException")]
public sealed class StoreUnavailableException : OrleansException
{
    /// <summary>Says which store cannot serve, and why.</summary>
    public StoreUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException!)
    {
    }
}
