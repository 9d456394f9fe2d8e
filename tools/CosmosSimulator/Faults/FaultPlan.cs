using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Faults;

/// <summary>The faults that are still to come, in the order in which they were asked for.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    /// <summary>Those that have not struck as often as they shall.</summary>
    public IReadOnlyList<Fault> Pending
    {
        get
        {
            lock (_gate) return [.. _faults];
        }
    }

    /// <summary>Asks for faults.</summary>
    public void Add(params IEnumerable<Fault> faults)
    {
        lock (_gate) _faults.AddRange(faults);
    }

    /// <summary>Asks for these and no others.</summary>
    public void Replace(IEnumerable<Fault> faults)
    {
        lock (_gate)
        {
            _faults.Clear();
            _faults.AddRange(faults);
        }
    }

    /// <summary>Asks for none.</summary>
    public void Clear()
    {
        lock (_gate) _faults.Clear();
    }

    /// <summary>The fault that strikes a request; null when it is spared. A fault that lets it go by counts it.</summary>
    public Fault? Take(RequestKind operation, string? container)
    {
        lock (_gate)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var fault = _faults[i];
                if (!fault.Matches(operation, container)) continue;
                if (fault.Skip > 0)
                {
                    _faults[i] = fault with { Skip = fault.Skip - 1 };
                    continue;
                }

                if (fault.Count is 1) _faults.RemoveAt(i);
                else if (fault.Count is { } count) _faults[i] = fault with { Count = count - 1 };
                return fault;
            }
        }

        return null;
    }
}
