using DroneDelivery.Storage;

namespace DroneDelivery.Domain;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Calls_during_a_write_share_the_next_one()
    {
        var gates = new List<TaskCompletionSource>();
        var commit = new GroupCommit(() =>
        {
            gates.Add(new TaskCompletionSource());
            return gates[^1].Task;
        });

        var first = commit.Commit();
        Task[] others = [commit.Commit(), commit.Commit(), commit.Commit()];
        Assert.Single(gates);
        gates[0].SetResult();
        await first;
        await Eventually.Get(() => Task.FromResult(gates.Count), count => count == 2);
        Assert.All(others, other => Assert.False(other.IsCompleted));
        gates[1].SetResult();
        await Task.WhenAll(others);
        Assert.Equal(2, gates.Count);
    }

    [Fact]
    public async Task Failed_write_fails_those_who_waited_for_it_and_no_others()
    {
        var attempt = 0;
        var commit = new GroupCommit(() => ++attempt == 1 ? Task.FromException(new IOException("away")) : Task.CompletedTask);
        await Assert.ThrowsAsync<IOException>(commit.Commit);
        await commit.Commit();
    }
}
