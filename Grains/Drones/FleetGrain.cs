using DroneDelivery.Storage;

namespace DroneDelivery.Drones;

[GrainType("fleet")]
internal sealed class FleetGrain([PersistentState("fleet", GrainStores.Drones)] IPersistentState<FleetState> store, TimeProvider time)
    : DocumentGrain<FleetState>(store), IFleetGrain
{
    private const int LearnAtOnce = 50;

    private IGrainTimer? _learning;

    public async Task Add(string droneId, DroneRegistration? registration = null)
    {
        var next = Document.With(droneId);
        if (registration is not null) next = next.WithKind(droneId, FleetKind.Of(registration), time.GetUtcNow());
        if (!ReferenceEquals(next, Document)) await Save(next);
    }

    public ValueTask<FleetPart> Describe(long known)
    {
        if (_learning is null && Document.Unasked().Any())
            _learning = this.RegisterGrainTimer(Learn, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        var kinds = known == Document.Version && known > 0 ? null : Document.KindsInUse();
        return ValueTask.FromResult(new FleetPart(Document.Version, Document.ChangedAt, Document.UnknownDrones(), kinds));
    }

    public ValueTask<IReadOnlyList<string>> List(string? after, int limit)
    {
        var from = after is null ? 0 : Document.Place(after) is var at && at < 0 ? ~at : at + 1;
        return ValueTask.FromResult<IReadOnlyList<string>>([.. Document.Drones.Skip(from).Take(limit)]);
    }

    /// <summary>Asks drones that an earlier build took in what they can do.</summary>
    private async Task Learn(CancellationToken cancellationToken)
    {
        try
        {
            var next = Document;
            string[] ids = [.. Document.Unasked().Take(LearnAtOnce)];
            var drones = await Task.WhenAll(ids.Select(id => GrainFactory.GetGrain<IDroneGrain>(id).Get().AsTask()));
            foreach (var (id, drone) in ids.Zip(drones))
                next = next.WithKind(id, drone is null ? null : FleetKind.Of(drone.Registration), time.GetUtcNow());
            if (!ReferenceEquals(next, Document)) await Save(next);
        }
        finally
        {
            _learning?.Dispose();
            _learning = null; // The next who asks has it go on.
        }
    }
}

/// <summary>Stored form of a shard of the fleet.</summary>
internal sealed record FleetState
{
    internal UnknownMembers? Unknown { get; init; }

    // So that the document stays small; what drones beyond that can do is not known.
    private const int KindCapacity = 500;

    private const int Unregistered = -1;
    private const int NotKept = -2;

    /// <summary>Ids in ordinal order.</summary>
    public string[] Drones { get; init; } = [];

    /// <summary>Kinds of drones; one that no drone is of any more makes room for the next.</summary>
    public IReadOnlyList<FleetKind> Kinds { get; init; } = [];

    /// <summary>
    /// Place of each drone's kind in <see cref="Kinds"/>; -1: it never finished its registration; -2: there was no room. Drones that an
    /// earlier build took in are missing.
    /// </summary>
    public Dictionary<string, int> KindOf { get; init; } = [];

    /// <summary>Grows with every change of what the drones can do.</summary>
    public long Version { get; init; }

    /// <summary>When a kind last came or went.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The kinds that drones are of.</summary>
    public IReadOnlyList<FleetKind> KindsInUse()
    {
        var used = KindOf.Values.ToHashSet();
        return [.. Kinds.Where((_, place) => used.Contains(place))];
    }

    /// <summary>Drones that are yet to be asked what they can do.</summary>
    public IEnumerable<string> Unasked() => Drones.Where(drone => !KindOf.ContainsKey(drone));

    /// <summary>Drones of which nothing but the id is known.</summary>
    public int UnknownDrones() => Unasked().Count() + KindOf.Values.Count(place => place == NotKept);

    /// <summary>Where an id is, or the complement of where it belongs.</summary>
    public int Place(string droneId) => Array.BinarySearch(Drones, droneId, StringComparer.Ordinal);

    /// <summary>With a drone more, unless it is known.</summary>
    public FleetState With(string droneId) => Place(droneId) is var at && at >= 0
        ? this
        : this with { Drones = [.. Drones.Take(~at), droneId, .. Drones.Skip(~at)] };

    /// <summary>With what a drone can do, unless that is known; null: it is not registered.</summary>
    public FleetState WithKind(string droneId, FleetKind? kind, DateTimeOffset now)
    {
        var before = KindOf.TryGetValue(droneId, out var known) ? known : (int?)null;
        if (kind is null ? before == Unregistered : before >= 0 && Kinds[before.Value] == kind) return this;

        List<FleetKind> kinds = [.. Kinds];
        var used = KindOf.Where(entry => entry.Key != droneId).Select(entry => entry.Value).ToHashSet();
        var place = kind is null ? Unregistered : kinds.IndexOf(kind);
        if (kind is not null && place < 0)
        {
            var last = kinds.Count < KindCapacity ? kinds.Count : NotKept;
            place = Enumerable.Range(0, kinds.Count).FirstOrDefault(free => !used.Contains(free), last);
            if (place == kinds.Count) kinds.Add(kind);
            else if (place >= 0) kinds[place] = kind;
        }

        var next = this with { Kinds = kinds, KindOf = new(KindOf) { [droneId] = place }, Version = Version + 1 };
        return next.KindsInUse().ToHashSet().SetEquals(KindsInUse()) ? next : next with { ChangedAt = now };
    }
}
