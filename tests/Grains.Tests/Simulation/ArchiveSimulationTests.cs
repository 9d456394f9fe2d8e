using System.Text.Json;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Orleans.Storage;

namespace DroneDelivery.Simulation;

/// <summary>Whatever crashes, fails or repeats while ended deliveries are archived, at every moment all of each can be read somewhere, and in the end in the archive only.</summary>
[Trait("Category", "Slow")]
public sealed class ArchiveSimulationTests
{
    private const int Cases = 600;
    private const int Seed = 20_261_127;

    [Fact]
    public void Nothing_is_lost_whatever_happens_and_when()
    {
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_CASES"), out var cases) ? cases : Cases;
        var archived = 0;
        Parallel.For(0, wanted, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            try
            {
                Interlocked.Add(ref archived, Run(Seed + number));
            }
            catch (Exception violation)
            {
                Assert.Fail($"Case {Seed + number}: {violation}");
            }
        });
        Assert.True(archived > wanted, $"Only {archived} deliveries were archived in {wanted} cases.");
    }

    [Fact]
    public void Archive_that_is_never_written_is_found() => Finds((_, call) =>
    {
        if (call.Method.Name != nameof(IArchivedDeliveryGrain.Keep)) return false;
        call.Succeed(null);
        return true;
    });

    [Fact]
    public void Deletion_that_does_not_wait_for_the_archive_is_found() => Finds((cluster, call) =>
    {
        if (call.Method.Name != nameof(IArchivedDeliveryGrain.Keep) || call.Caller is null) return false;
        var (id, kept) = (call.Target.Key.ToString()!, (ArchivedDelivery)call.Arguments[0]!);
        cluster.Events.Add(new("late archive", null, () => SimulatedWorld.Watch(cluster.Grains.GetGrain<IArchivedDeliveryGrain>(id).Keep(kept))));
        call.Succeed(null);
        return true;
    });

    private static void Finds(Func<SimulatedCluster, SimulatedCluster.Call, bool> sabotage)
    {
        for (var number = 0; number < Cases; number++)
        {
            try
            {
                Run(Seed + number, sabotage);
            }
            catch (InvariantException found) when (found.Message.StartsWith("10:", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The sabotage was not found in {Cases} cases.");
    }

    /// <summary>Lets a world come to rest, archives it in spite of everything, and compares; gives how many were archived.</summary>
    private static int Run(int seed, Func<SimulatedCluster, SimulatedCluster.Call, bool>? sabotage = null)
    {
        var random = new Random(seed);
        var world = new SimulatedWorld(oldId: true);
        world.Run([.. Enumerable.Range(0, random.Next(120)).Select(_ => random.Next(1 << 20))]);
        return new Archiving(world, random).Run(sabotage);
    }

    private sealed class Archiving(SimulatedWorld world, Random random)
    {
        private readonly Dictionary<SimulatedClient, string> _before = [];
        private readonly Dictionary<SimulatedClient, (bool Asked, bool Flown, bool IsOpen)> _stored = [];

        private SimulatedCluster Cluster => world.Cluster;

        public int Run(Func<SimulatedCluster, SimulatedCluster.Call, bool>? sabotage)
        {
            // A drone reports something strange of some that have ended: those wait for an operator.
            foreach (var client in world.Clients.Where(client => random.Next(4) == 0 && Request(client)?.Status.IsFinal() == true))
                SimulatedWorld.Watch(Cluster.Grains.GetGrain<IDeliveryRequestGrain>(client.Id).Hear(new DroneEvent("stray", DroneEventKind.StaleReport, client.Id, 1, Cluster.Time.Now, "strange")));
            Cluster.RunAll();

            // What is stored counts, not what an activation knows besides.
            foreach (var id in Cluster.Activations) Cluster.Kill(id);
            foreach (var stray in Cluster.Strays.ToList()) Cluster.Kill(stray);
            Cluster.RunAll();
            foreach (var client in world.Clients)
            {
                _before[client] = Read(client);
                _stored[client] = (Request(client) is not null, Delivery(client) is not null, Request(client) is { } request && (!request.Status.IsFinal() || request.Flag is not null));
            }

            (Cluster.Archive.After, Cluster.Archive.Interval, Cluster.Archive.Pause) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1));
            (Cluster.Archive.MostPerTurn, Cluster.Archive.Concurrency) = (2, 1 + random.Next(2));
            Cluster.Intercept = sabotage is null ? null : call => sabotage(Cluster, call);
            Wake();
            for (var step = 0; step < 150; step++) Step();

            Cluster.Stores.Broken.Clear();
            Cluster.Time.Now += TimeSpan.FromMinutes(20);
            for (var end = Cluster.Time.Now.AddMinutes(6); Cluster.Time.Now < end;)
            {
                Cluster.Pass(TimeSpan.FromMinutes(1));
                Wake();
                for (var count = 0; Cluster.Events.Count > 0; count++)
                {
                    Cluster.Run(0);
                    CheckNothingIsLost();
                }
            }

            return world.Clients.Count(CheckEnd);
        }

        private void Step()
        {
            var pick = random.Next(1 << 16);
            switch (random.Next(16))
            {
                case < 9 when Cluster.Events.Count > 0:
                    Cluster.Run(pick % Cluster.Events.Count);
                    break;
                case 9:
                    Cluster.Pass(TimeSpan.FromMinutes(1 + (pick % 5)));
                    break;
                case 10 when Cluster.Activations is { Count: > 0 } activations:
                    Cluster.Kill(activations[pick % activations.Count]);
                    break;
                case 11 when Cluster.Stores.Pending is { Count: > 0 } pending:
                    if (pick % 2 == 0) pending[pick / 2 % pending.Count].FailsBefore = true;
                    else pending[pick / 2 % pending.Count].FailsAfter = true;
                    break;
                case 12 when Cluster.Open.Count > 0:
                    SimulatedCluster.TimeOut(Cluster.Open[pick % Cluster.Open.Count]);
                    break;
                case 13:
                    Wake();
                    break;
                case 14:
                    SimulatedWorld.Watch(Cluster.Grains.GetGrain<IDeliveryRequestGrain>(world.Clients[pick % world.Clients.Count].Id).Archive());
                    break;
                default:
                    SimulatedWorld.Watch(Cluster.Grains.GetGrain<IDeliveryGrain>(world.Clients[pick % world.Clients.Count].Id).GetHistory().AsTask());
                    break;
            }

            CheckNothingIsLost();
        }

        private void Wake()
        {
            SimulatedWorld.Watch(Cluster.Grains.GetGrain<IArchiverGrain>(0).Wake());
            foreach (var shard in world.Clients.Select(client => client.Shard).Distinct()) SimulatedWorld.Watch(Cluster.Grains.GetGrain<ISupervisorGrain>(shard).Wake());
        }

        private void CheckNothingIsLost()
        {
            foreach (var (client, (asked, flown, _)) in _stored)
            {
                var archived = Cluster.Stores.Find<ArchivedDeliveryState>(SimulatedCluster.Id<IArchivedDeliveryGrain>(client.Id));
                if (asked && Request(client) is null or { Archived: true } && archived is null) throw new InvariantException($"10: the request {client.Id} is neither stored nor archived.");
                if (flown && Delivery(client) is null or { Archived: true } && archived?.Delivery is null) throw new InvariantException($"10: the delivery {client.Id} is neither stored nor archived.");
            }
        }

        /// <summary>Whether it was archived; whatever became of it, it reads as before, and nothing can be made anew of it.</summary>
        private bool CheckEnd(SimulatedClient client)
        {
            if (!_stored[client].Asked) return false;
            Cluster.Intercept = null;
            var (request, delivery) = (Request(client), Delivery(client));
            var isHot = request is { Archived: not true } || delivery is { Archived: not true };
            if (isHot != _stored[client].IsOpen) throw new InvariantException($"10: {client.Id} is {(isHot ? "still there, though it has ended" : "archived, though it has not ended")}.");
            if (Read(client) is var after && after != _before[client]) throw new InvariantException($"10: {client.Id} was {_before[client]} and is {after}.");
            if (isHot) return false;

            // Ids without a time keep a mark, or something new could be made of them.
            var isOld = client.Id.Length == 32;
            if (request is null != isOld || (delivery is null != isOld && _stored[client].Flown)) throw new InvariantException($"10: {client.Id} has left {request} and {delivery}.");
            var grain = Cluster.Grains.GetGrain<IDeliveryRequestGrain>(client.Id);
            Assert.Equal(CommandResult.Created, Do(() => grain.Submit(new CommandId("submit"), client.Order)));
            Assert.Equal(CommandResult.Exists, Do(() => grain.Submit(new CommandId("another"), client.Order)));
            Assert.Equal(CommandOutcome.Conflict, Do(() => grain.Reschedule(new CommandId("late"), new DeliveryChange(null, null, null, "", null))).Outcome);
            return true;
        }

        // Without failures and notes: a supervisor that has died looks once more at what has ended, and that may fail.
        private string Read(SimulatedClient client)
        {
            var (request, delivery) = (Cluster.Grains.GetGrain<IDeliveryRequestGrain>(client.Id), Cluster.Grains.GetGrain<IDeliveryGrain>(client.Id));
            var asked = Do(() => request.Get().AsTask());
            var flown = Do(() => delivery.Get().AsTask());
            return string.Join('\n',
                JsonSerializer.Serialize(asked is null ? null : asked with { Failures = 0, RetryAt = null, UpdatedAt = default }),
                JsonSerializer.Serialize(flown is null ? null : flown with { Drained = false, AnnouncedEvent = 0 }),
                JsonSerializer.Serialize(Do(() => delivery.GetHistory().AsTask())),
                JsonSerializer.Serialize(Do(() => delivery.GetStatus().AsTask())));
        }

        // A grain that finds its document changed by another life answers so, and the next one reads anew.
        private T Do<T>(Func<Task<T>> call)
        {
            for (var attempt = 1; ; attempt++)
            {
                var asked = call();
                Cluster.RunAll();
                if (!asked.IsCompleted) throw new InvalidOperationException("No answer came.");
                try
                {
                    return asked.GetAwaiter().GetResult();
                }
                catch (InconsistentStateException) when (attempt < 3)
                {
                    // Asked again.
                }
            }
        }

        private DeliveryRequestState? Request(SimulatedClient client) => Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>(client.Id));

        private DeliveryState? Delivery(SimulatedClient client) => Cluster.Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(client.Id));
    }
}
