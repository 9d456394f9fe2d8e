namespace DroneDelivery.Domain;

/// <summary>What is remembered in memory for a while.</summary>
public sealed class RecentTests
{
    [Fact]
    public void Oldest_makes_room_for_the_newest()
    {
        var recent = new Recent<int, string>(2);
        Assert.True(recent.TryAdd(1, "one"));
        Assert.True(recent.TryAdd(2, "two"));
        Assert.False(recent.TryAdd(1, "another"));
        Assert.True(recent.TryAdd(3, "three"));

        Assert.False(recent.ContainsKey(1));
        Assert.True(recent.TryGetValue(2, out var two));
        Assert.Equal("two", two);
        Assert.True(recent.ContainsKey(3));
    }
}
