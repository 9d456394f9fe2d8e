namespace DroneDelivery.Cosmos.Persistence;

/// <summary>A state.</summary>
public sealed record Thing
{
    public string? Text { get; set; }

    public int Number { get; set; }

    public long Big { get; set; }

    public List<string> Tags { get; set; } = [];
}
