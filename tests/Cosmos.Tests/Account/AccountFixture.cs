namespace DroneDelivery.Cosmos.Account;

/// <summary>One account for the tests of a class.</summary>
public sealed class AccountFixture : IAsyncLifetime
{
    internal TestAccount Account { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Account = await TestAccount.CreateAsync();

    public ValueTask DisposeAsync() => Account.DisposeAsync();
}

/// <summary>One simulator for the tests of a class.</summary>
public sealed class SimulatedFixture : IAsyncLifetime
{
    internal TestAccount Account { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Account = await TestAccount.SimulatedAsync();

    public ValueTask DisposeAsync() => Account.DisposeAsync();
}
