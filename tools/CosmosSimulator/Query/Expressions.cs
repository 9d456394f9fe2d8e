using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>An expression of a query; its place in the text lets a rewritten query quote it.</summary>
/// <param name="Start">Where it begins in the query.</param>
/// <param name="End">Where it ends.</param>
internal abstract record Expression(int Start, int End);

/// <summary>A constant; undefined is one too.</summary>
internal sealed record Constant(JsonElement Value, int Start, int End) : Expression(Start, End);

/// <summary>A parameter, with its @.</summary>
internal sealed record Parameter(string Name, int Start, int End) : Expression(Start, End);

/// <summary>The item that is looked at.</summary>
internal sealed record Root(int Start, int End) : Expression(Start, End);

/// <summary>A property of an object or an element of an array.</summary>
internal sealed record Member(Expression Owner, Expression Name, int Start, int End) : Expression(Start, End);

/// <summary>NOT, minus or plus.</summary>
internal sealed record Unary(string Operator, Expression Operand, int Start, int End) : Expression(Start, End);

/// <summary>An operator between two expressions; words are in capitals.</summary>
internal sealed record Binary(string Operator, Expression Left, Expression Right, int Start, int End) : Expression(Start, End);

/// <summary>IN.</summary>
internal sealed record Membership(Expression Value, IReadOnlyList<Expression> Candidates, int Start, int End) : Expression(Start, End);

/// <summary>condition ? one : other.</summary>
internal sealed record Choice(Expression Condition, Expression One, Expression Other, int Start, int End) : Expression(Start, End);

/// <summary>A function; its name in capitals.</summary>
internal sealed record Call(string Name, IReadOnlyList<Expression> Arguments, int Start, int End) : Expression(Start, End);

/// <summary>A new array.</summary>
internal sealed record NewArray(IReadOnlyList<Expression> Elements, int Start, int End) : Expression(Start, End);

/// <summary>A new object.</summary>
internal sealed record NewObject(IReadOnlyList<(string Name, Expression Value)> Properties, int Start, int End) : Expression(Start, End);
