using System.Text.Json;
using DroneDelivery.Processes;
using DroneDelivery.Storage.Cosmos;
using Orleans.Clustering.Cosmos;
using Orleans.Persistence.Cosmos;
using Orleans.Providers.Cosmos;
using Orleans.Reminders.Cosmos;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>The containers that the templates deploy are those that the providers would make themselves.</summary>
public sealed class DeployedContainersTests
{
    private static readonly Dictionary<string, ContainerShape> Own = new()
    {
        ["OrleansCluster"] = ClusterDocuments.Container,
        ["OrleansReminders"] = ReminderDocument.Container,
        ["index"] = CosmosDeliveryIndex.Shape,
    };

    [Fact]
    public void Container_of_the_templates_has_the_shape_that_its_provider_needs()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "infra", "shared", "containers.json")));
        var deployed = list.RootElement.GetProperty("containers").EnumerateArray().ToList();
        Assert.Superset(Own.Keys.ToHashSet(), deployed.Select(item => item.GetProperty("name").GetString()!).ToHashSet());
        Assert.All(deployed, item =>
        {
            var name = item.GetProperty("name").GetString()!;
            var shape = Own.GetValueOrDefault(name) ?? StateDocument.Container(new CosmosGrainStorageOptions());
            Assert.Equal(
                (name, shape.PartitionKeyPath, string.Join(' ', shape.IndexedPaths)),
                (name, item.GetProperty("partitionKey").GetString(), string.Join(' ', item.GetProperty("indexed").EnumerateArray().Select(path => path.GetString()))));
            Assert.False(shape.DocumentsExpire, $"{name} would need a time to live, which the templates do not set.");
        });
    }
}
