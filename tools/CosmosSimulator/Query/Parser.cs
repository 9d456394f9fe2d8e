using System.Globalization;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Reads the part of the query language that the README lists; by recursive descent, one method a level of precedence.</summary>
internal sealed class Parser
{
    private static readonly HashSet<string> Clauses = new(StringComparer.OrdinalIgnoreCase)
    {
        "FROM", "WHERE", "ORDER", "GROUP", "OFFSET", "LIMIT", "JOIN", "AS", "IN", "AND", "OR", "NOT", "BETWEEN", "LIKE", "ASC", "DESC",
    };

    private readonly string _text;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly List<Call> _aggregates = [];
    private int _at;
    private readonly string? _alias;

    private Parser(string text)
    {
        _text = text;
        _tokens = Lexer.Read(text);

        // The projection comes before FROM, which names the item.
        var from = Enumerable.Range(0, _tokens.Count).FirstOrDefault(index => _tokens[index].IsWord("FROM"), -1);
        if (from >= 0) _alias = AliasAfter(from);
    }

    private Token Current => _tokens[_at];

    /// <summary>Parses a query.</summary>
    /// <exception cref="RefusedException">It is wrong, or the simulator does not know it.</exception>
    public static SelectQuery Query(string text) => new Parser(text).ParseQuery();

    /// <summary>Parses the condition of a patch: <c>FROM c WHERE …</c>.</summary>
    /// <exception cref="RefusedException">It is wrong, or the simulator does not know it.</exception>
    public static Expression Condition(string text)
    {
        var parser = new Parser(text);
        parser.ParseFrom();
        parser.ExpectWord("WHERE");
        var condition = parser.ParseExpression();
        parser.ExpectEnd();
        return condition;
    }

    private SelectQuery ParseQuery()
    {
        ExpectWord("SELECT");
        if (Current.IsWord("DISTINCT")) throw RefusedException.NotImitated("DISTINCT");
        var top = TakeWord("TOP") ? ParsePrimary() : null;
        var kind = ProjectionKind.List;
        List<(string?, Expression)> columns = [];
        if (TakeSymbol("*")) kind = ProjectionKind.Everything;
        else if (TakeWord("VALUE"))
        {
            kind = ProjectionKind.Value;
            columns.Add((null, ParseExpression()));
        }
        else
        {
            do columns.Add(ParseColumn(columns.Count));
            while (TakeSymbol(","));
        }

        var aggregates = _aggregates.ToArray();
        if (Current.IsWord("FROM")) ParseFrom();
        if (Current.IsWord("JOIN")) throw RefusedException.NotImitated("JOIN");
        var filter = TakeWord("WHERE") ? ParseExpression() : null;
        if (Current.IsWord("GROUP")) throw RefusedException.NotImitated("GROUP BY");
        var order = ParseOrder();
        var offset = TakeWord("OFFSET") ? ParsePrimary() : null;
        var limit = TakeWord("LIMIT") ? ParsePrimary() : null;
        ExpectEnd();
        if (_aggregates.Count > aggregates.Length) throw RefusedException.BadRequest("Aggregates are allowed in SELECT only.");
        return new SelectQuery
        {
            Text = _text,
            Alias = _alias ?? "c",
            Kind = kind,
            Columns = columns,
            Filter = filter,
            Order = order,
            Top = top,
            Offset = offset,
            Limit = limit,
            Aggregates = aggregates,
        };
    }

    private (string?, Expression) ParseColumn(int index)
    {
        var value = ParseExpression();
        if (TakeWord("AS") || (Current.Kind == TokenKind.Word && !Clauses.Contains(Current.Value))) return (ExpectWord(), value);
        return value switch
        {
            Member { Name: Constant { Value.ValueKind: JsonValueKind.String } name } => (name.Value.GetString(), value),
            Root => (_alias, value),
            _ => (string.Create(CultureInfo.InvariantCulture, $"${index + 1}"), value),
        };
    }

    private void ParseFrom()
    {
        ExpectWord("FROM");
        ExpectWord();
        if (Current.IsSymbol(".") || Current.IsSymbol("[") || Current.IsWord("IN")) throw RefusedException.NotImitated("FROM a part of the item");
        if (TakeWord("AS") || (Current.Kind == TokenKind.Word && !Clauses.Contains(Current.Value))) ExpectWord();
    }

    private IReadOnlyList<(Expression, bool)> ParseOrder()
    {
        if (!TakeWord("ORDER")) return [];
        ExpectWord("BY");
        var order = new List<(Expression, bool)>();
        do
        {
            var key = ParseExpression();
            var descending = TakeWord("DESC");
            if (!descending) TakeWord("ASC");
            order.Add((key, descending));
        }
        while (TakeSymbol(","));
        return order;
    }

    private Expression ParseExpression()
    {
        var condition = ParseOr();
        if (!TakeSymbol("?")) return condition;
        var one = ParseExpression();
        ExpectSymbol(":");
        var other = ParseExpression();
        return new Choice(condition, one, other, condition.Start, other.End);
    }

    private Expression ParseOr() => ParseLevel(ParseAnd, token => token.IsWord("OR") ? "OR" : null);

    private Expression ParseAnd() => ParseLevel(ParseNot, token => token.IsWord("AND") ? "AND" : null);

    private Expression ParseNot()
    {
        var start = Current.Start;
        if (!TakeWord("NOT")) return ParseComparison();
        var operand = ParseNot();
        return new Unary("NOT", operand, start, operand.End);
    }

    private Expression ParseComparison()
    {
        var left = ParseCoalesce();
        while (true)
        {
            var negated = Current.IsWord("NOT");
            if (negated) _at++;
            Expression? positive = null;
            if (TakeWord("IN")) positive = ParseMembership(left);
            else if (TakeWord("BETWEEN")) positive = ParseBetween(left);
            else if (Current.IsWord("LIKE")) throw RefusedException.NotImitated("LIKE");
            else if (negated) throw Wrong();

            if (positive is not null)
            {
                left = negated ? new Unary("NOT", positive, positive.Start, positive.End) : positive;
                continue;
            }

            if (Current.Kind != TokenKind.Symbol || Current.Value is not ("=" or "!=" or "<>" or "<" or "<=" or ">" or ">=")) return left;
            var symbol = Take().Value;
            var right = ParseCoalesce();
            left = new Binary(symbol == "<>" ? "!=" : symbol, left, right, left.Start, right.End);
        }
    }

    private Membership ParseMembership(Expression value)
    {
        ExpectSymbol("(");
        var candidates = ParseList(")");
        return new Membership(value, candidates, value.Start, _tokens[_at - 1].End);
    }

    private Binary ParseBetween(Expression value)
    {
        var least = ParseCoalesce();
        ExpectWord("AND");
        var greatest = ParseCoalesce();
        return new Binary(
            "AND",
            new Binary(">=", value, least, value.Start, least.End),
            new Binary("<=", value, greatest, value.Start, greatest.End),
            value.Start,
            greatest.End);
    }

    private Expression ParseCoalesce() => ParseLevel(ParseConcatenation, token => token.IsSymbol("??") ? "??" : null);

    private Expression ParseConcatenation() => ParseLevel(ParseSum, token => token.IsSymbol("||") ? "||" : null);

    private Expression ParseSum() => ParseLevel(ParseProduct, token => token is { Kind: TokenKind.Symbol, Value: "+" or "-" } ? token.Value : null);

    private Expression ParseProduct() => ParseLevel(ParseUnary, token => token is { Kind: TokenKind.Symbol, Value: "*" or "/" or "%" } ? token.Value : null);

    private Expression ParseLevel(Func<Expression> next, Func<Token, string?> operatorOf)
    {
        var left = next();
        while (operatorOf(Current) is { } name)
        {
            _at++;
            var right = next();
            left = new Binary(name, left, right, left.Start, right.End);
        }

        return left;
    }

    private Expression ParseUnary()
    {
        if (Current is not { Kind: TokenKind.Symbol, Value: "-" or "+" }) return ParsePostfix();
        var symbol = Take();
        var operand = ParseUnary();
        return new Unary(symbol.Value, operand, symbol.Start, operand.End);
    }

    private Expression ParsePostfix()
    {
        var value = ParsePrimary();
        while (true)
        {
            if (TakeSymbol("."))
            {
                var name = Take();
                if (name.Kind != TokenKind.Word) throw Wrong(name);
                value = new Member(value, new Constant(JsonSerializer.SerializeToElement(name.Value), name.Start, name.End), value.Start, name.End);
            }
            else if (TakeSymbol("["))
            {
                var name = ParseExpression();
                var end = ExpectSymbol("]").End;
                value = new Member(value, name, value.Start, end);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParsePrimary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Number:
                return double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                    ? new Constant(JsonElement.Parse(token.Value.StartsWith('.') ? "0" + token.Value : token.Value), token.Start, token.End)
                    : throw Wrong(token);
            case TokenKind.Text:
                return new Constant(JsonSerializer.SerializeToElement(token.Value), token.Start, token.End);
            case TokenKind.Parameter:
                return new Parameter(token.Value, token.Start, token.End);
            case TokenKind.Symbol when token.Value == "(":
                var inner = ParseExpression();
                var end = ExpectSymbol(")").End;
                return inner with { Start = token.Start, End = end };
            case TokenKind.Symbol when token.Value == "[":
                return new NewArray(ParseList("]"), token.Start, _tokens[_at - 1].End);
            case TokenKind.Symbol when token.Value == "{":
                return ParseObject(token.Start);
            case TokenKind.Word:
                return ParseWord(token);
            default:
                throw Wrong(token);
        }
    }

    private Expression ParseWord(Token word)
    {
        if (TakeSymbol("("))
        {
            var call = new Call(word.Value.ToUpperInvariant(), ParseList(")"), word.Start, _tokens[_at - 1].End);
            if (Aggregation.IsAggregate(call.Name)) _aggregates.Add(call);
            return call;
        }

        if (word.IsWord("true") || word.IsWord("false")) return new Constant(JsonSerializer.SerializeToElement(word.IsWord("true")), word.Start, word.End);
        if (word.IsWord("null")) return new Constant(JsonElement.Parse("null"), word.Start, word.End);
        if (word.IsWord("undefined")) return new Constant(default, word.Start, word.End);
        return word.Value == _alias
            ? new Root(word.Start, word.End)
            : throw RefusedException.BadRequest($"Identifier '{word.Value}' could not be resolved.");
    }

    private NewObject ParseObject(int start)
    {
        var properties = new List<(string, Expression)>();
        if (!Current.IsSymbol("}"))
        {
            do
            {
                var name = Take();
                if (name.Kind is not (TokenKind.Text or TokenKind.Word)) throw Wrong(name);
                ExpectSymbol(":");
                properties.Add((name.Value, ParseExpression()));
            }
            while (TakeSymbol(","));
        }

        return new NewObject(properties, start, ExpectSymbol("}").End);
    }

    private List<Expression> ParseList(string close)
    {
        var elements = new List<Expression>();
        if (TakeSymbol(close)) return elements;
        do elements.Add(ParseExpression());
        while (TakeSymbol(","));
        ExpectSymbol(close);
        return elements;
    }

    private string AliasAfter(int from)
    {
        var name = _tokens[from + 1];
        var next = _tokens[Math.Min(from + 2, _tokens.Count - 1)];
        if (next.IsWord("AS")) return _tokens[Math.Min(from + 3, _tokens.Count - 1)].Value;
        return next.Kind == TokenKind.Word && !Clauses.Contains(next.Value) ? next.Value : name.Value;
    }

    private Token Take() => Current.Kind == TokenKind.End ? throw Wrong() : _tokens[_at++];

    private bool TakeWord(string keyword)
    {
        if (!Current.IsWord(keyword)) return false;
        _at++;
        return true;
    }

    private bool TakeSymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol)) return false;
        _at++;
        return true;
    }

    private void ExpectWord(string keyword)
    {
        if (!TakeWord(keyword)) throw Wrong();
    }

    private string ExpectWord() => Current.Kind == TokenKind.Word ? Take().Value : throw Wrong();

    private Token ExpectSymbol(string symbol) => Current.IsSymbol(symbol) ? Take() : throw Wrong();

    private void ExpectEnd()
    {
        if (Current.Kind != TokenKind.End) throw Wrong();
    }

    private RefusedException Wrong() => Wrong(Current);

    private static RefusedException Wrong(Token token) => RefusedException.BadRequest(
        token.Kind == TokenKind.End ? "Syntax error, the query ends too early." : $"Syntax error, incorrect syntax near '{token.Value}' at {token.Start}.");
}
