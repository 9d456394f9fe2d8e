using System.Text.Json;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Containers and their partition key ranges.</summary>
/// <param name="account">What is stored.</param>
internal sealed class ContainerHandler(SimulatedAccount account)
{
    /// <summary>Creates a container.</summary>
    public CosmosAnswer Create(CosmosRequest request)
    {
        var database = account.Database(request.Address.Database!);
        var properties = request.Json;
        return Answer(201, account.CreateContainer(database, MetadataName.Of(properties), properties));
    }

    /// <summary>Reads a container's properties.</summary>
    public CosmosAnswer Read(CosmosRequest request) => Answer(200, account.Container(request.Address));

    /// <summary>Replaces a container's properties.</summary>
    public CosmosAnswer Replace(CosmosRequest request)
    {
        var container = account.Container(request.Address);
        container.Replace(request.Json, request.IfMatch);
        return Answer(200, container);
    }

    /// <summary>Deletes a container.</summary>
    public CosmosAnswer Delete(CosmosRequest request)
    {
        account.DeleteContainer(account.Container(request.Address));
        return new CosmosAnswer { Status = 204, Charge = ChargeModel.Metadata };
    }

    /// <summary>Lists or queries containers.</summary>
    public CosmosAnswer List(CosmosRequest request)
    {
        var database = account.Database(request.Address.Database!, SubStatus.OwnerNotFound);
        return MetadataList.Page(
            request, "DocumentCollections", database.Rid,
            database.Containers.Values.OrderBy(container => container.Name, StringComparer.Ordinal).Select(container => container.Properties.Json));
    }

    /// <summary>Lists the partition key ranges. The client asks again with the etag until it hears that nothing has changed.</summary>
    public CosmosAnswer ReadPartitionKeyRanges(CosmosRequest request)
    {
        var container = account.Container(request.Address);
        var etag = $"\"{container.Partitions.Count}\"";
        if (request.IfNoneMatch == etag) return new CosmosAnswer { Status = 304, ETag = etag, Charge = ChargeModel.Metadata };

        var ranges = container.Partitions.Select((partition, index) => JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["id"] = partition.Id,
            ["_rid"] = ResourceIds.PartitionKeyRange(container.Rid, (ulong)index + 1),
            ["_self"] = $"{container.Link}pkranges/{partition.Id}/",
            ["_etag"] = etag,
            ["_ts"] = container.Now,
            ["minInclusive"] = partition.Minimum,
            ["maxExclusive"] = partition.Maximum,
            ["ridPrefix"] = index,
            ["throughputFraction"] = 1.0 / container.Partitions.Count,
            ["status"] = "online",
            ["parents"] = Array.Empty<string>(),
        }));
        return Feed.Page("PartitionKeyRanges", container.Rid, [.. ranges]) with { ETag = etag, Charge = ChargeModel.Metadata };
    }

    private static CosmosAnswer Answer(int status, SimulatedContainer container) =>
        CosmosAnswer.Of(status, container.Properties.Json, container.Properties.ETag, ChargeModel.Metadata);
}
