namespace DroneDelivery.Cluster;

/// <summary>Repeats calls that got no answer, as every caller of the grains does: a busy machine is not what these tests look for.</summary>
internal sealed class AskAgain : IOutgoingGrainCallFilter
{
    private const int Attempts = 30;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (Exception failure) when (attempt < Attempts && failure is (TimeoutException or SiloUnavailableException or OrleansMessageRejectionException))
            {
                // The next attempt goes another way, or waits for the same answer.
            }
        }
    }
}
