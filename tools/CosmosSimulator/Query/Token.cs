namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Kinds of tokens.</summary>
internal enum TokenKind
{
    /// <summary>A name or keyword.</summary>
    Word,

    /// <summary>A name with @ before it.</summary>
    Parameter,

    /// <summary>A text in quotation marks of either kind.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Punctuation or an operator.</summary>
    Symbol,

    /// <summary>The end of the query.</summary>
    End,
}

/// <summary>A token of a query.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Value">A word or symbol as it stands; a text without its quotation marks and escapes.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
internal sealed record Token(TokenKind Kind, string Value, int Start, int End)
{
    /// <summary>Whether it is this keyword, in any case.</summary>
    public bool IsWord(string keyword) => Kind == TokenKind.Word && string.Equals(Value, keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is this symbol.</summary>
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Value == symbol;
}
