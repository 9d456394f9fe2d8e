namespace DroneDelivery.Processes;

/// <summary>A folder that goes away with its contents.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drone-delivery-");

    /// <summary>Path of the local store in it.</summary>
    public string Store => File("drone-delivery.db");

    /// <summary>Path of a file in it.</summary>
    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
