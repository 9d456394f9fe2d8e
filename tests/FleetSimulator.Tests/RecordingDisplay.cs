using System.Collections.Concurrent;
using DroneDelivery.FleetSimulator.Display;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>Keeps what was shown.</summary>
internal sealed class RecordingDisplay : IFleetDisplay
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public FleetView? View { get; private set; }

    public void Write(DateTimeOffset time, string sentence) => Lines.Enqueue(sentence);

    public void Show(FleetView view) => View = view;
}
