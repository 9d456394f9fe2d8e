using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Where a page ended. It says behind which row to go on, so that items written meanwhile move no page.</summary>
/// <param name="Keys">What the last row was ordered by.</param>
/// <param name="After">Number of the last row.</param>
/// <param name="Skip">How many rows of OFFSET are still to be left out.</param>
/// <param name="Left">How many results TOP or LIMIT still allow.</param>
internal sealed record ContinuationToken(IReadOnlyList<JsonElement> Keys, ulong After, long Skip, long Left)
{
    /// <summary>Reads what a client sends back.</summary>
    /// <exception cref="RefusedException">It did not come from here.</exception>
    public static ContinuationToken Parse(string text)
    {
        try
        {
            var token = JsonElement.Parse(Convert.FromBase64String(text));

            // A key is wrapped, so that undefined can be told from null.
            return new ContinuationToken(
                [.. token.GetProperty("keys").EnumerateArray().Select(key => key.GetArrayLength() == 0 ? default : key[0])],
                token.GetProperty("after").GetUInt64(),
                token.GetProperty("skip").GetInt64(),
                token.GetProperty("left").GetInt64());
        }
        catch (Exception failure) when (failure is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw RefusedException.BadRequest("Invalid continuation token.");
        }
    }

    /// <summary>As it goes into the header.</summary>
    public override string ToString() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(Json.Of(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("keys");
        foreach (var key in Keys)
        {
            writer.WriteStartArray();
            if (key.IsDefined()) key.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("after", After);
        writer.WriteNumber("skip", Skip);
        writer.WriteNumber("left", Left);
        writer.WriteEndObject();
    })));
}
