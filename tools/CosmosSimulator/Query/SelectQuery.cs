namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>What a query selects.</summary>
internal enum ProjectionKind
{
    /// <summary>SELECT *.</summary>
    Everything,

    /// <summary>SELECT VALUE expression.</summary>
    Value,

    /// <summary>SELECT expression AS name, …</summary>
    List,
}

/// <summary>A parsed query.</summary>
internal sealed record SelectQuery
{
    /// <summary>Its text.</summary>
    public required string Text { get; init; }

    /// <summary>The name of the item.</summary>
    public required string Alias { get; init; }

    /// <summary>What it selects.</summary>
    public required ProjectionKind Kind { get; init; }

    /// <summary>The selected expressions with their names; one without a name for SELECT VALUE.</summary>
    public required IReadOnlyList<(string? Name, Expression Value)> Columns { get; init; }

    /// <summary>WHERE; null when everything is wanted.</summary>
    public Expression? Filter { get; init; }

    /// <summary>ORDER BY.</summary>
    public IReadOnlyList<(Expression Key, bool Descending)> Order { get; init; } = [];

    /// <summary>TOP.</summary>
    public Expression? Top { get; init; }

    /// <summary>OFFSET.</summary>
    public Expression? Offset { get; init; }

    /// <summary>LIMIT.</summary>
    public Expression? Limit { get; init; }

    /// <summary>The aggregates in the projection, in their order.</summary>
    public IReadOnlyList<Call> Aggregates { get; init; } = [];

    /// <summary>A part of the text.</summary>
    public string Quote(Expression part) => Text[part.Start..part.End];
}
