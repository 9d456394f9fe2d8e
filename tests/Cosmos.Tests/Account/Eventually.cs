namespace DroneDelivery.Cosmos.Account;

/// <summary>Waits for a condition with a deadline.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            if (deadline.IsCancellationRequested) Assert.Fail($"Not within {seconds} s: {what}.");
            await Task.Delay(25, CancellationToken.None);
        }
    }
}
