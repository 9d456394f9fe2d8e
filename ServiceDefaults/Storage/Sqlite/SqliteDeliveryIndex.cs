using System.Text;
using DroneDelivery.Queries;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>The delivery index as a table of the local store; a row shares its flush to disk with whatever else is being written.</summary>
internal sealed class SqliteDeliveryIndex(SqliteStore store) : IDeliveryIndex
{
    private const string UpsertText =
        """
        INSERT INTO DeliveryIndex (OwnerId, DeliveryId, Version, Stage, RequestedAt, ChangedAt)
        VALUES (@OwnerId, @DeliveryId, @Version, @Stage, @RequestedAt, @ChangedAt)
        ON CONFLICT (OwnerId, DeliveryId) DO UPDATE
        SET Version = excluded.Version, Stage = excluded.Stage, RequestedAt = excluded.RequestedAt, ChangedAt = excluded.ChangedAt
        WHERE excluded.Version > DeliveryIndex.Version
        """;

    private const string DeleteText = "DELETE FROM DeliveryIndex WHERE OwnerId = @OwnerId AND DeliveryId = @DeliveryId";

    public async Task Upsert(DeliveryIndexEntry entry, CancellationToken cancellationToken = default)
    {
        using var command = new SqliteCommand();
        command.Parameters.AddWithValue("@OwnerId", entry.OwnerId);
        command.Parameters.AddWithValue("@DeliveryId", entry.DeliveryId);
        command.Parameters.AddWithValue("@Version", entry.Version);
        command.Parameters.AddWithValue("@Stage", (int)entry.Stage);
        command.Parameters.AddWithValue("@RequestedAt", entry.RequestedAt.UtcTicks);
        command.Parameters.AddWithValue("@ChangedAt", entry.ChangedAt.UtcTicks);
        await using var rows = await store.Writer.ExecuteAsync(UpsertText, command.Parameters, cancellationToken);
    }

    public async Task Delete(string ownerId, string deliveryId, CancellationToken cancellationToken = default)
    {
        using var command = new SqliteCommand();
        command.Parameters.AddWithValue("@OwnerId", ownerId);
        command.Parameters.AddWithValue("@DeliveryId", deliveryId);
        await using var rows = await store.Writer.ExecuteAsync(DeleteText, command.Parameters, cancellationToken);
    }

    public Task<DeliveryIndexPage> Query(DeliveryIndexQuery query, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(SqliteFaults.Told(() => Read(query)));
    }

    private DeliveryIndexPage Read(DeliveryIndexQuery query)
    {
        using var connection = store.OpenConnection();
        using var command = (SqliteCommand)connection.CreateCommand();
        Describe(command, query);
        using var reader = command.ExecuteReader();
        var rows = new List<DeliveryIndexEntry>();
        while (reader.Read())
        {
            rows.Add(new(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetInt64(2),
                (DeliveryStage)reader.GetInt32(3),
                new DateTimeOffset(reader.GetInt64(4), TimeSpan.Zero),
                new DateTimeOffset(reader.GetInt64(5), TimeSpan.Zero)));
        }

        return DeliveryIndexPage.Of(rows, query.Limit);
    }

    /// <summary>Puts the statement for a page into the command; only what is asked for stands in it, so that an index can serve it.</summary>
    internal static void Describe(SqliteCommand command, DeliveryIndexQuery query)
    {
        var text = new StringBuilder("SELECT DeliveryId, OwnerId, Version, Stage, RequestedAt, ChangedAt FROM DeliveryIndex WHERE TRUE");
        Add(" AND OwnerId = @OwnerId", "@OwnerId", query.OwnerId);
        Add(" AND Stage = @Stage", "@Stage", (int?)query.Stage);
        Add(" AND ChangedAt >= @From", "@From", query.From?.UtcTicks);
        Add(" AND ChangedAt < @To", "@To", query.To?.UtcTicks);
        Add(" AND (ChangedAt, DeliveryId) < (@AfterTime, @AfterId)", "@AfterTime", query.After?.ChangedAt.UtcTicks);
        Add("", "@AfterId", query.After?.DeliveryId);
        Add(" ORDER BY ChangedAt DESC, DeliveryId DESC LIMIT @Limit", "@Limit", query.Limit + 1);
        command.CommandText = text.ToString();

        void Add(string condition, string name, object? value)
        {
            if (value is null) return;
            text.Append(condition);
            command.Parameters.AddWithValue(name, value);
        }
    }
}
