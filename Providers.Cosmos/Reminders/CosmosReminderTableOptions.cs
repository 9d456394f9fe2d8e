using Orleans.Providers.Cosmos;

namespace Orleans.Reminders.Cosmos;

/// <summary>Options of reminders.</summary>
public class CosmosReminderTableOptions : CosmosOptions
{
    /// <summary>Options with the official package's container, <c>OrleansReminders</c>.</summary>
    public CosmosReminderTableOptions() => ContainerName = "OrleansReminders";
}
