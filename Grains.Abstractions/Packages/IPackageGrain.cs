namespace DroneDelivery.Packages;

/// <summary>A package; key: the package id. It belongs to the account that wrote it first.</summary>
[Alias("DroneDelivery.Packages.IPackageGrain")]
public interface IPackageGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes or replaces the package: Created, Done, or Conflict when it belongs to another account.
    /// Writing what is there already stores nothing.
    /// </summary>
    [Alias("Put")]
    Task<CommandResult> Put(CommandId command, string ownerId, PackageDetails details);

    /// <summary>Makes the package: Created, also when this command made it long ago, or Exists when another did.</summary>
    [Alias("Make")]
    Task<CommandResult> Make(CommandId command, string ownerId, PackageDetails details);

    /// <summary>Changes the given fields: Done, NotFound (also for other accounts' packages; <paramref name="ownerId"/> null acts for any).</summary>
    [Alias("Patch")]
    Task<CommandResult> Patch(CommandId command, string? ownerId, PackageChange change);

    /// <summary>Deletes the package for good if it belongs to this account.</summary>
    [Alias("Erase")]
    Task Erase(string ownerId);

    /// <summary>The package, or null.</summary>
    [Alias("Get")]
    ValueTask<PackageSnapshot?> Get();
}

/// <summary>What is known of a package.</summary>
/// <param name="Size">Size class.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label of the sender.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Packages.PackageDetails")]
public sealed record PackageDetails(PackageSize Size, double Weight, string? Tag)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Heaviest package accepted, kilograms.</summary>
    public const double MaxWeight = 1_000;
}

/// <summary>Fields to change; null leaves a field as it is.</summary>
/// <param name="Size">Size class.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Packages.PackageChange")]
public sealed record PackageChange(PackageSize? Size, double? Weight, string? Tag);

/// <summary>A package as read.</summary>
/// <param name="PackageId">Its id.</param>
/// <param name="OwnerId">The account it belongs to.</param>
/// <param name="Details">Size, weight, tag.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Packages.PackageSnapshot")]
public sealed record PackageSnapshot(string PackageId, string OwnerId, PackageDetails Details)
{
    /// <summary>Version of the package; see <see cref="Precondition"/>.</summary>
    public string Version => Precondition.VersionOf("p", OwnerId, Details.Size, Details.Weight, Details.Tag);
}
