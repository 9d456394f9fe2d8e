using System.Diagnostics.CodeAnalysis;
using Orleans.Metadata;

namespace DroneDelivery.Hosting;

/// <summary>
/// Lets every activation give up its thread once before it serves its first request. The runtime starts an activation under the
/// activation's lock, and holds it until something in there truly waits. When nothing does, the first requests run under that lock; two new
/// activations whose first requests call each other on one silo then wait for each other's lock for ever, and the threads of all who call
/// them with them.
/// </summary>
internal sealed class ActivationYield : IConfigureGrainContextProvider, IConfigureGrainContext
{
    private const string StatelessWorkers = "StatelessWorkerPlacement";

    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        // The context that spreads calls over stateless workers, such as the runtime's own management grain, has no lifecycle.
        var stateless = properties.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.PlacementStrategy) == StatelessWorkers;
        configurator = stateless ? null : this;
        return !stateless;
    }

    public void Configure(IGrainContext context) =>
        context.ObservableLifecycle.Subscribe(nameof(ActivationYield), GrainLifecycleStage.First, async _ => await Task.Yield());
}
