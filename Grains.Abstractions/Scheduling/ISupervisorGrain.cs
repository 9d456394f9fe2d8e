using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

/// <summary>Knows which requests of its shard are unsettled and when each is due; key: shard number.</summary>
[Alias("DroneDelivery.Scheduling.ISupervisorGrain")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>Registers a request durably; returns once it is stored. Writes of concurrent calls are grouped.</summary>
    [Alias("Register")]
    Task Register(string deliveryId, DateTimeOffset due);

    /// <summary>Moves the time at which the request is looked at again.</summary>
    [Alias("Postpone")]
    Task Postpone(string deliveryId, DateTimeOffset due);

    /// <summary>Forgets a settled request; stored with the shard's next write.</summary>
    [Alias("Settle"), OneWay]
    ValueTask Settle(string deliveryId);

    /// <summary>Brings the shard to life, so that it resumes what is due.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>The unsettled requests of this shard and when each is due.</summary>
    [Alias("List")]
    ValueTask<IReadOnlyList<SupervisedRequest>> List();
}

/// <summary>An unsettled request.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Due">When it is looked at again.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.SupervisedRequest")]
public sealed record SupervisedRequest(string DeliveryId, DateTimeOffset Due);
