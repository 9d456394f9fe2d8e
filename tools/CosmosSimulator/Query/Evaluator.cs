using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Works out expressions. Comparing values of different types gives undefined, which no filter lets through.</summary>
/// <param name="parameters">Values of the parameters, by name with @.</param>
internal sealed class Evaluator(IReadOnlyDictionary<string, JsonElement> parameters)
{
    /// <summary>The value of an expression for one item.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="item">The item.</param>
    /// <param name="aggregates">The values of the aggregates in it; null where there are none.</param>
    public JsonElement Evaluate(Expression expression, JsonElement item, IReadOnlyDictionary<Call, JsonElement>? aggregates = null)
    {
        JsonElement Value(Expression part) => Evaluate(part, item, aggregates);

        switch (expression)
        {
            case Constant constant:
                return constant.Value;
            case Parameter parameter:
                return parameters.TryGetValue(parameter.Name, out var value) ? value : throw RefusedException.BadRequest($"The parameter {parameter.Name} has no value.");
            case Root:
                return item;
            case Member member:
                return Part(Value(member.Owner), Value(member.Name));
            case Unary unary:
                return Unary(unary.Operator, Value(unary.Operand));
            case Binary { Operator: "AND" or "OR" } binary:
                return Logic(binary.Operator == "AND", Value(binary.Left), Value(binary.Right));
            case Binary { Operator: "??" } binary:
                return Value(binary.Left) is { ValueKind: not JsonValueKind.Undefined } present ? present : Value(binary.Right);
            case Binary binary:
                return Binary(binary.Operator, Value(binary.Left), Value(binary.Right));
            case Membership membership:
                return Contains(Value(membership.Value), membership.Candidates.Select(Value));
            case Choice choice:
                return Value(choice.Condition).IsTrue() ? Value(choice.One) : Value(choice.Other);
            case Call call when aggregates is not null && aggregates.TryGetValue(call, out var aggregate):
                return aggregate;
            case Call call:
                return Functions.Call(call.Name, [.. call.Arguments.Select(Value)]);
            case NewArray array:
                return Json.Of(writer =>
                {
                    writer.WriteStartArray();
                    foreach (var element in array.Elements.Select(Value).Where(Json.IsDefined)) element.WriteTo(writer);
                    writer.WriteEndArray();
                });
            case NewObject created:
                return Object(created.Properties.Select(property => (property.Name, Value(property.Value))));
            default:
                throw new InvalidOperationException($"{expression.GetType().Name} is no expression.");
        }
    }

    /// <summary>An object of what is defined.</summary>
    public static JsonElement Object(IEnumerable<(string Name, JsonElement Value)> properties) => Json.Of(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in properties)
        {
            if (!value.IsDefined()) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static JsonElement Part(JsonElement owner, JsonElement name) => (owner.ValueKind, name.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.String) => owner.TryGetProperty(name.GetString()!, out var value) ? value : Json.Undefined,
        (JsonValueKind.Array, JsonValueKind.Number) => name.TryGetInt32(out var index) && index >= 0 && index < owner.GetArrayLength() ? owner[index] : Json.Undefined,
        _ => Json.Undefined,
    };

    private static JsonElement Unary(string symbol, JsonElement operand) => (symbol, operand.ValueKind) switch
    {
        ("NOT", JsonValueKind.True) => Json.False,
        ("NOT", JsonValueKind.False) => Json.True,
        ("-", JsonValueKind.Number) => Json.Of(-operand.GetDouble()),
        ("+", JsonValueKind.Number) => operand,
        _ => Json.Undefined,
    };

    // Three-valued: false decides AND and true decides OR, whatever the other side is.
    private static JsonElement Logic(bool and, JsonElement left, JsonElement right)
    {
        var deciding = and ? JsonValueKind.False : JsonValueKind.True;
        var neutral = and ? JsonValueKind.True : JsonValueKind.False;
        if (left.ValueKind == deciding || right.ValueKind == deciding) return Json.Of(!and);
        return left.ValueKind == neutral && right.ValueKind == neutral ? Json.Of(and) : Json.Undefined;
    }

    private static JsonElement Binary(string symbol, JsonElement left, JsonElement right)
    {
        switch (symbol)
        {
            case "=":
                return Comparable(left, right) ? Json.Of(Json.AreEqual(left, right)) : Json.Undefined;
            case "!=":
                return Comparable(left, right) ? Json.Of(!Json.AreEqual(left, right)) : Json.Undefined;
            case "<" or "<=" or ">" or ">=":
                if (!Comparable(left, right) || left.ValueKind is JsonValueKind.Array or JsonValueKind.Object) return Json.Undefined;
                var order = Json.Compare(left, right);
                return Json.Of(symbol switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 });
            case "||":
                return left.ValueKind == JsonValueKind.String && right.ValueKind == JsonValueKind.String ? Json.Of(left.GetString() + right.GetString()) : Json.Undefined;
            default:
                if (left.ValueKind != JsonValueKind.Number || right.ValueKind != JsonValueKind.Number) return Json.Undefined;
                var (one, other) = (left.GetDouble(), right.GetDouble());
                return Json.Of(symbol switch { "+" => one + other, "-" => one - other, "*" => one * other, "/" => one / other, _ => one % other });
        }
    }

    private static JsonElement Contains(JsonElement value, IEnumerable<JsonElement> candidates)
    {
        if (!value.IsDefined()) return Json.Undefined;
        return Json.Of(candidates.Any(candidate => Comparable(value, candidate) && Json.AreEqual(value, candidate)));
    }

    private static bool Comparable(JsonElement left, JsonElement right) =>
        left.IsDefined() && right.IsDefined() && (left.ValueKind == right.ValueKind || (IsBoolean(left) && IsBoolean(right)));

    private static bool IsBoolean(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;
}
