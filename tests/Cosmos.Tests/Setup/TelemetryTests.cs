using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DroneDelivery.Cosmos.Account;
using DroneDelivery.Cosmos.Persistence;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>Every operation is measured and traced, by operation and container.</summary>
public sealed class TelemetryTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    [Fact]
    public async Task Operations_are_measured_and_traced_with_their_container_and_status()
    {
        var container = $"telemetry-{Guid.NewGuid():N}";
        var measured = new ConcurrentQueue<(string Instrument, string Operation, string Status, double Value)>();
        var traced = new ConcurrentQueue<Activity>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == CosmosTelemetry.Name) listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
            if (all["db.collection.name"] == container) measured.Enqueue((instrument.Name, all["db.operation.name"], all["db.response.status_code"], value));
        });
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CosmosTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => { if (activity.GetTagItem("db.collection.name") is string name && name == container) traced.Enqueue(activity); },
        };
        ActivitySource.AddActivityListener(activities);
        await using var providers = ProviderHost.ForStorage(fixture.Account, "things", configure: options => options.ContainerName = container);
        var storage = await providers.StorageAsync("things", TestContext.Current.CancellationToken);
        var (id, state) = (GrainId.Create("thing", "one"), new GrainState<Thing>(new()));

        await storage.ReadStateAsync("state", id, state, TestContext.Current.CancellationToken);
        await storage.WriteStateAsync("state", id, state, TestContext.Current.CancellationToken);
        await storage.WriteStateAsync("state", id, state, TestContext.Current.CancellationToken);

        (string, string)[] expected = [("read_item", "404"), ("create_item", "201"), ("replace_item", "200")];
        Assert.Equal(expected, measured.Where(measurement => measurement.Instrument == "db.client.operation.duration").Select(measurement => (measurement.Operation, measurement.Status)));
        Assert.Equal(expected, measured.Where(measurement => measurement.Instrument == "azure.cosmosdb.client.operation.request_charge").Select(measurement => (measurement.Operation, measurement.Status)));
        Assert.All(measured, measurement => Assert.True(measurement.Value > 0, $"{measurement}"));
        Assert.Equal(expected.Select(operation => $"{operation.Item1} {container}"), traced.Select(activity => activity.DisplayName));
        Assert.All(traced, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));
    }
}
