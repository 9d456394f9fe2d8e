using Microsoft.Extensions.Logging;

namespace DroneDelivery.Archiving;

/// <summary>Sees to it that there is an archiver, with a reminder, whenever a silo starts.</summary>
internal sealed partial class ArchiverStartup(IGrainFactory grains, ILogger<ArchiverStartup> logger) : IStartupTask
{
    public async Task Execute(CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IArchiverGrain>(0).Wake();
        }
        catch (Exception failure)
        {
            LogNotWoken(failure); // Its reminder does it, or the next silo.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The archiver could not be woken at start; its reminder will.")]
    private partial void LogNotWoken(Exception failure);
}
