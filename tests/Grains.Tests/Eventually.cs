using System.Runtime.CompilerServices;

namespace DroneDelivery;

/// <summary>Waits for a condition with a deadline.</summary>
internal static class Eventually
{
    public static async Task<T> Get<T>(
        Func<Task<T>> read, Func<T, bool> condition, int seconds = 20, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        var last = await read();
        while (!condition(last))
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {seconds} s: {what}. Last seen: {last}");
            }

            last = await read();
        }

        return last;
    }
}
