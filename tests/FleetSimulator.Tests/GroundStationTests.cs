using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Station;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class GroundStationTests
{
    private const string Drone = "drone-0001";
    private static readonly GeoPoint Pickup = DroneGen.Center.Destination(0, 1000);
    private static readonly GeoPoint Dropoff = DroneGen.Center.Destination(90, 2000);

    [Fact]
    public async Task Fleet_registers_reports_and_flies_a_mission_to_its_end()
    {
        await using var gateway = await StubGateway.StartAsync();
        gateway.ParcelAnswers.Enqueue(409);
        gateway.DeafToHandover = 2;
        gateway.Assign(Drone, "d1", Pickup, Dropoff);
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address));
        await fleet.UntilAsync(() => gateway.Missions.IsEmpty && gateway.Reports.Last()["mission"] is null, "the mission is over");

        var registration = gateway.Registered[Drone];
        Assert.Equal("Heron 12", (string)registration["model"]!);
        Assert.Equal("Medium", (string)registration["capabilities"]!["maxSize"]!);
        Assert.Equal(9000, (double)registration["capabilities"]!["cruiseSpeed"]!);
        Assert.Equal(["latitude", "longitude", "altitude"], registration["home"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal(
            ["maxPayload", "maxSize", "cruiseSpeed", "climbSpeed", "cruiseAltitude", "mass", "batteryCapacity", "cruisePower", "handlingTime"],
            registration["capabilities"]!.AsObject().Select(pair => pair.Key));

        var reports = gateway.Reports.ToArray();
        Assert.Equal(["droneId", "boot", "sequence", "time", "position", "battery", "mission"], reports[0].AsObject().Select(pair => pair.Key));
        Assert.Equal(Enumerable.Range(1, reports.Length).Select(i => (long)i), reports.Select(report => (long)report["sequence"]!));
        Assert.Single(reports.Select(report => (long)report["boot"]!).Distinct());

        var phases = reports.Select(report => (string?)report["mission"]?["phase"]).ToArray();
        Assert.Equal(
            [null, "HeadedToPickup", "AtPickup", "HeadedToDropoff", "Delivered", null],
            phases.Where((phase, i) => i == 0 || phase != phases[i - 1]));
        Assert.Equal(3, phases.Count(phase => phase == "Delivered"));

        Assert.Equal(2, gateway.Questions.Count);
        Assert.All(gateway.Questions, question => Assert.Equal((Drone, "d1", 1),
            (question.DroneId, (string)question.Body["deliveryId"]!, (int)question.Body["attempt"]!)));
    }

    [Fact]
    public async Task Mission_taken_back_in_flight_is_dropped()
    {
        await using var gateway = await StubGateway.StartAsync();
        gateway.Assign(Drone, "d1", Pickup, Dropoff);
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address) with { SpeedUp = 20 });
        await fleet.UntilAsync(() => gateway.Reports.Any(report => report["mission"] is not null), "the mission is taken");
        gateway.Missions.Clear();
        await fleet.UntilAsync(() => gateway.Reports.Last()["mission"] is null, "the mission is dropped");
        Assert.Contains(fleet.Display.Lines, line => line.Contains("drops delivery d1", StringComparison.Ordinal));
        Assert.Empty(gateway.Questions);
    }

    [Fact]
    public async Task Drone_that_the_backend_forgot_registers_again()
    {
        await using var gateway = await StubGateway.StartAsync();
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address));
        await fleet.UntilAsync(() => gateway.Registered.ContainsKey(Drone) && !gateway.Reports.IsEmpty, "it reports");
        gateway.Registered.Clear();
        await fleet.UntilAsync(() => gateway.Registered.ContainsKey(Drone), "it registers again");
    }

    [Fact]
    public async Task Drone_without_memory_carries_on_where_the_backend_saw_it()
    {
        await using var gateway = await StubGateway.StartAsync();
        gateway.Sightings[Drone] = new JsonObject
        {
            ["droneId"] = Drone,
            ["position"] = StubGateway.Point(Pickup with { Altitude = 80 }),
            ["battery"] = 0.5,
            ["lastReport"] = DateTimeOffset.UtcNow.ToString("O"),
            ["mission"] = null,
        };
        gateway.Assign(Drone, "d1", Pickup, Dropoff, "HeadedToDropoff");
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address));
        await fleet.UntilAsync(() => gateway.Missions.IsEmpty, "the parcel is delivered");
        Assert.InRange((double)gateway.Reports.First()["battery"]!, 0.3, 0.5);
        Assert.Empty(gateway.Questions);
    }

    [Fact]
    public async Task Gateway_that_is_down_is_waited_for_and_may_go_away_again()
    {
        var port = FreePort();
        var address = new Uri($"http://127.0.0.1:{port}");
        await using var fleet = new RunningFleet(RunningFleet.Options(address) with { Drones = 3 });
        await fleet.UntilAsync(() => fleet.Display.Lines.Any(line => line.StartsWith("Waits for the gateway", StringComparison.Ordinal)), "it says that it waits");

        var gateway = await StubGateway.StartAsync(port);
        gateway.Assign(Drone, "d1", Pickup, Dropoff);
        gateway.ParcelAnswers.Enqueue(409);
        await fleet.UntilAsync(() => !gateway.Questions.IsEmpty, "a drone asks for its parcel");
        await gateway.DisposeAsync();
        await fleet.UntilAsync(() => fleet.Display.View?.Outage is not null, "it notices the outage");

        await using var again = await StubGateway.StartAsync(port);
        again.Assign(Drone, "d1", Pickup, Dropoff, "AtPickup");
        await fleet.UntilAsync(() => again.Reports.Any(report => (string?)report["mission"]?["phase"] == "Delivered"), "the parcel is delivered");
        await fleet.UntilAsync(() => again.Registered.Count == 3, "all drones are registered with the new one");
    }

    [Fact]
    public async Task Fleet_larger_than_a_batch_reports_in_batches_of_at_most_a_hundred()
    {
        await using var gateway = await StubGateway.StartAsync();
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address) with { Drones = 350 });
        await fleet.UntilAsync(() => gateway.Reports.Select(report => (string)report["droneId"]!).Distinct().Count() == 350, "all have reported");
        Assert.All(gateway.Batches, size => Assert.InRange(size, 1, 100));
        Assert.Contains(100, gateway.Batches);
    }

    [Fact]
    public async Task Crowd_that_waits_for_its_parcels_keeps_nobody_from_registering_and_reporting()
    {
        const string Other = "drone-0100";
        await using var gateway = await StubGateway.StartAsync();
        var gate = new TaskCompletionSource();
        gateway.ParcelGate = gate.Task;
        for (var i = 1; i < 100; i++) gateway.Assign($"drone-{i:D4}", $"d{i}", Pickup, Dropoff);
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address) with { Drones = 100 });
        await fleet.UntilAsync(
            () => gateway.Reports.Where(report => (string?)report["mission"]?["phase"] == "AtPickup").DistinctBy(report => (string?)report["droneId"]).Count() == 99,
            "all wait for their parcels");
        gateway.Registered.TryRemove(Other, out _);
        await fleet.UntilAsync(() => gateway.Registered.ContainsKey(Other), "the other registers again");
        var heard = gateway.Reports.Count;
        await fleet.UntilAsync(() => gateway.Reports.Skip(heard).Any(report => (string?)report["droneId"] == Other), "the other reports");
        Assert.False(gate.Task.IsCompleted);
        gate.SetResult();
        await fleet.UntilAsync(() => gateway.Missions.IsEmpty, "all parcels are delivered");
    }

    [Fact]
    public async Task Line_that_is_refused_is_counted_and_leaves_the_others_alone()
    {
        await using var gateway = await StubGateway.StartAsync();
        gateway.Refused[Drone] = true;
        await using var fleet = new RunningFleet(RunningFleet.Options(gateway.Address) with { Drones = 3 });
        await fleet.UntilAsync(() => fleet.Display.View is { Errors: > 0, Reports: > 4 }, "errors and reports are counted");
        Assert.Contains(fleet.Display.Lines, line => line.Contains("Bad line", StringComparison.Ordinal));
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Drone_in_flight_carries_on_after_a_restart()
    {
        await using var gateway = await StubGateway.StartAsync();
        using var directory = new TemporaryDirectory();
        gateway.Assign(Drone, "d1", Pickup, Dropoff);
        var options = RunningFleet.Options(gateway.Address) with { SpeedUp = 60, StateFile = directory.File("fleet.json") };
        await using (var first = new RunningFleet(options))
        {
            await first.UntilAsync(
                () => gateway.Reports.Any(report => (string?)report["mission"]?["phase"] == "HeadedToDropoff"), "the parcel is on board");
            await first.StopAsync();
        }

        var saved = Assert.Single(new StateFile(options.StateFile!).Load()!.Drones);
        Assert.Equal(MissionPhase.HeadedToDropoff, saved.Mission!.Phase);
        var boot = (long)gateway.Reports.Last()["boot"]!;
        gateway.Reports.Clear();

        await using var second = new RunningFleet(options with { Drones = 2 });
        await second.UntilAsync(() => gateway.Missions.IsEmpty, "the parcel is delivered");
        var report = gateway.Reports.First(report => (string?)report["droneId"] == Drone);
        Assert.True((long)report["boot"]! > boot);
        Assert.Equal("HeadedToDropoff", (string?)report["mission"]!["phase"]);
        Assert.Single(gateway.Questions);
    }

    [Fact]
    public async Task Damaged_state_file_stops_the_fleet_before_it_flies()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("fleet.json");
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        Assert.Throws<StateFileException>(() => new RunningFleet(RunningFleet.Options(new Uri("http://127.0.0.1:1")) with { StateFile = file }));
        Assert.Equal("{", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
