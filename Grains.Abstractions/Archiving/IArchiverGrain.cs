namespace DroneDelivery.Archiving;

/// <summary>Has deliveries archived when their time has come; key: 0.</summary>
[Alias("DroneDelivery.Archiving.IArchiverGrain")]
public interface IArchiverGrain : IGrainWithIntegerKey
{
    /// <summary>Brings it to life for good, so that it does what is due.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>What became of a request that was to be archived.</summary>
public enum ArchiveResult
{
    /// <summary>It lies in the archive, and nowhere else.</summary>
    Archived = 0,
    /// <summary>It has not ended, or somebody has to see to it still; nothing changed.</summary>
    NotYet = 1,
    /// <summary>There is no such request.</summary>
    Unknown = 2,
}
