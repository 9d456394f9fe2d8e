using System.Diagnostics;

namespace DroneDelivery.Processes;

/// <summary>Waits for a condition with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the condition holds.</summary>
    /// <param name="what">The condition in words, for the message at the deadline.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="within">The deadline.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan within, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > within) throw new TimeoutException($"Not within {within.TotalSeconds:0.#} s: {what}.");
            await Task.Delay(PollInterval, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
