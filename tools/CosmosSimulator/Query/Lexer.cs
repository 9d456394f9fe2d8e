using System.Globalization;
using System.Text;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Takes a query apart into tokens.</summary>
internal static class Lexer
{
    private static readonly string[] LongSymbols = ["!=", "<>", "<=", ">=", "||", "??"];

    /// <summary>The tokens, the last of which is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="RefusedException">A character begins nothing, or a text has no end.</exception>
    public static IReadOnlyList<Token> Read(string query)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < query.Length && char.IsWhiteSpace(query[at])) at++;
            if (at == query.Length) break;

            var token = Next(query, at);
            tokens.Add(token);
            at = token.End;
        }

        tokens.Add(new Token(TokenKind.End, "", at, at));
        return tokens;
    }

    private static Token Next(string query, int start)
    {
        var first = query[start];
        if (char.IsLetter(first) || first is '_' or '$') return Word(query, start, TokenKind.Word);
        if (first == '@') return Word(query, start, TokenKind.Parameter);
        if (char.IsAsciiDigit(first) || (first == '.' && start + 1 < query.Length && char.IsAsciiDigit(query[start + 1]))) return Number(query, start);
        if (first is '\'' or '"') return Text(query, start);

        var longSymbol = LongSymbols.FirstOrDefault(symbol => query.AsSpan(start).StartsWith(symbol));
        if (longSymbol is not null) return new Token(TokenKind.Symbol, longSymbol, start, start + longSymbol.Length);
        if ("()[]{},.:*=<>+-/%?!".Contains(first)) return new Token(TokenKind.Symbol, first.ToString(), start, start + 1);
        throw RefusedException.BadRequest($"Syntax error, incorrect syntax near '{first}' at {start}.");
    }

    private static Token Word(string query, int start, TokenKind kind)
    {
        var end = start + 1;
        while (end < query.Length && (char.IsLetterOrDigit(query[end]) || query[end] is '_' or '$')) end++;
        return new Token(kind, query[start..end], start, end);
    }

    private static Token Number(string query, int start)
    {
        var end = start;
        while (end < query.Length && (char.IsAsciiDigit(query[end]) || query[end] == '.')) end++;
        if (end < query.Length && query[end] is 'e' or 'E')
        {
            end++;
            if (end < query.Length && query[end] is '+' or '-') end++;
            while (end < query.Length && char.IsAsciiDigit(query[end])) end++;
        }

        return new Token(TokenKind.Number, query[start..end], start, end);
    }

    private static Token Text(string query, int start)
    {
        var quote = query[start];
        var text = new StringBuilder();
        var at = start + 1;
        while (at < query.Length && query[at] != quote)
        {
            if (query[at] != '\\')
            {
                text.Append(query[at++]);
                continue;
            }

            if (at + 1 == query.Length) break;
            if (query[at + 1] == 'u' && at + 5 < query.Length
                && ushort.TryParse(query.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text.Append((char)code);
                at += 6;
                continue;
            }

            text.Append(query[at + 1] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\b',
                'f' => '\f',
                var other => other,
            });
            at += 2;
        }

        return at < query.Length
            ? new Token(TokenKind.Text, text.ToString(), start, at + 1)
            : throw RefusedException.BadRequest($"Syntax error, the text that begins at {start} has no end.");
    }
}
