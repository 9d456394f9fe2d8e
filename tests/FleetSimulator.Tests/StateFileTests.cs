using CsCheck;
using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Station;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class StateFileTests : IDisposable
{
    private static readonly Mission Mission =
        new("d1", 2, MissionPhase.AtPickup, DroneGen.Center, DroneGen.Center, 10, DateTimeOffset.UnixEpoch)
        {
            PickupInDoubt = true,
        };

    private static readonly Gen<DroneMemory> Memory = Gen.Select(Gen.Int[1, 9999], DroneGen.Place, Gen.Double[0, 5000], Gen.Double[0, 100], Gen.Bool)
        .Select((number, place, energy, countdown, flies) => new DroneMemory(
            $"drone-{number:D4}", place, energy, flies ? DroneActivity.AwaitingParcel : DroneActivity.Idle, countdown, flies ? Mission : null));

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleet");

    private string FilePath => Path.Combine(_directory.FullName, "sub", "fleet.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Saved_state_is_loaded_again() => Memory.Array[0, 20].Sample(memories =>
    {
        var drones = memories.DistinctBy(memory => memory.Id).ToList();
        new StateFile(FilePath).Save(new FleetState(FleetState.CurrentVersion, 7, drones));
        var loaded = new StateFile(FilePath).Load()!;
        Assert.Equal(7, loaded.Boot);
        Assert.Equal(drones, loaded.Drones);
        Assert.False(File.Exists(FilePath + ".tmp"));
    }, iter: 50, threads: 1);

    [Fact]
    public void Absent_file_is_no_state() => Assert.Null(new StateFile(FilePath).Load());

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"boot":1,"drones":""")]
    [InlineData("""{"version":1,"boot":1,"drones":[null]}""")]
    [InlineData("""{"version":1,"boot":1,"drones":[{"id":"a","position":{"latitude":91,"longitude":0,"altitude":0},"energy":1,"activity":"Idle","countdown":0,"mission":null}]}""")]
    [InlineData("""{"version":1,"boot":1,"drones":[{"id":"a","position":{"latitude":0,"longitude":0,"altitude":0},"energy":-1,"activity":"Idle","countdown":0,"mission":null}]}""")]
    [InlineData("""{"version":1,"boot":1,"drones":[{"id":"a","position":{"latitude":0,"longitude":0,"altitude":0},"energy":1,"activity":"Dancing","countdown":0,"mission":null}]}""")]
    [InlineData("""{"version":1,"boot":1,"drones":[{"id":"a","position":{"latitude":0,"longitude":0,"altitude":0},"energy":1,"activity":"HeadedToPickup","countdown":0,"mission":null}]}""")]
    public void Damaged_file_is_reported(string content)
    {
        Write(content);
        var failure = Assert.Throws<StateFileException>(() => new StateFile(FilePath).Load());
        Assert.Contains("is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_off_file_is_damaged_wherever_it_ends()
    {
        var state = new FleetState(1, 1, [new DroneMemory("drone-0001", DroneGen.Center, 1, DroneActivity.AwaitingParcel, 0, Mission)]);
        new StateFile(FilePath).Save(state);
        var content = File.ReadAllText(FilePath);
        for (var length = 0; length < content.Length; length++)
        {
            Write(content[..length]);
            Assert.Throws<StateFileException>(() => new StateFile(FilePath).Load());
        }
    }

    [Fact]
    public void File_of_another_format_is_refused()
    {
        Write("""{"version":2,"boot":1,"drones":[]}""");
        Assert.Contains("format 2", Assert.Throws<StateFileException>(() => new StateFile(FilePath).Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Drone_that_is_in_it_twice_is_damage()
    {
        var drone = new DroneMemory("a", DroneGen.Center, 1, DroneActivity.Idle, 0, null);
        new StateFile(FilePath).Save(new FleetState(1, 1, [drone, drone]));
        Assert.Throws<StateFileException>(() => new StateFile(FilePath).Load());
    }

    [Fact]
    public void Place_that_cannot_be_written_is_reported()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "sub"), "a file, not a directory");
        Assert.Throws<StateFileException>(() => new StateFile(FilePath).Save(new FleetState(1, 1, [])));
    }

    private void Write(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);
    }
}
