namespace DroneDelivery.Domain;

public sealed class CommandLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly CommandId Asked = CommandId.OfKey("k", "a body");
    private static readonly CommandId AskedOtherwise = CommandId.OfKey("k", "another body");

    [Theory]
    [InlineData("key:k:body", "key:k")]
    [InlineData("key:k:", "key:k")]
    [InlineData("key:k", null)]
    [InlineData("body-k", null)]
    [InlineData(null, null)]
    public void Command_says_by_which_key_a_client_named_it(string? value, string? key) => Assert.Equal(key, new CommandId(value!).Key);

    [Fact]
    public void Keyed_command_is_known_for_a_day_whatever_comes_after_it()
    {
        var log = new CommandLog().With(Asked, CommandResult.Done, Start);
        for (var i = 0; i < 5 * CommandLog.Capacity; i++) log = log.With(CommandId.New(), CommandResult.Done);
        for (var i = 1; i < CommandLog.KeyedCapacity; i++) log = log.With(CommandId.OfKey($"k{i}", "b"), CommandResult.Done, Start.AddHours(24));

        Assert.Equal(CommandResult.Done, log.Find(Asked));
        Assert.Equal(CommandResult.Exists, log.Find(AskedOtherwise));
        Assert.Null(log.Find(CommandId.OfKey("kk", "a body")));
        Assert.Equal(CommandLog.Capacity, log.Entries.Count);
    }

    [Fact]
    public void Keyed_command_that_has_no_room_is_refused_until_the_oldest_has_had_its_time()
    {
        var log = new CommandLog().With(Asked, CommandResult.Done, Start);
        for (var i = 1; i < CommandLog.KeyedCapacity; i++) log = log.With(CommandId.OfKey($"k{i}", "b"), CommandResult.Done, Start.AddHours(1));
        var one = CommandId.OfKey("one more", "b");

        Assert.Equal(CommandOutcome.Conflict, log.Refuse(one, Start.AddHours(47))?.Outcome);
        Assert.Null(log.Refuse(CommandId.New(), Start));
        Assert.Null(log.Refuse(one, Start + CommandLog.KeyedFor));

        log = log.With(one, CommandResult.Done, Start + CommandLog.KeyedFor);
        Assert.Equal(CommandLog.KeyedCapacity, log.Keyed!.Count);
        Assert.Null(log.Find(Asked));
    }

    [Fact]
    public void Command_without_key_leaves_the_document_as_it_was_before_there_were_any() =>
        Assert.Null(new CommandLog().With(CommandId.New(), CommandResult.Done, Start).Keyed);
}
