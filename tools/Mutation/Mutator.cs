using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace DroneDelivery.Mutation;

/// <summary>Finds the mutants of a file. Some of them do not compile; those are not counted.</summary>
internal static class Mutator
{
    private static readonly Dictionary<SyntaxKind, (SyntaxKind Expression, SyntaxKind Token, string Kind)> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = (SyntaxKind.LessThanOrEqualExpression, SyntaxKind.LessThanEqualsToken, "boundary"),
        [SyntaxKind.LessThanOrEqualExpression] = (SyntaxKind.LessThanExpression, SyntaxKind.LessThanToken, "boundary"),
        [SyntaxKind.GreaterThanExpression] = (SyntaxKind.GreaterThanOrEqualExpression, SyntaxKind.GreaterThanEqualsToken, "boundary"),
        [SyntaxKind.GreaterThanOrEqualExpression] = (SyntaxKind.GreaterThanExpression, SyntaxKind.GreaterThanToken, "boundary"),
        [SyntaxKind.EqualsExpression] = (SyntaxKind.NotEqualsExpression, SyntaxKind.ExclamationEqualsToken, "equality"),
        [SyntaxKind.NotEqualsExpression] = (SyntaxKind.EqualsExpression, SyntaxKind.EqualsEqualsToken, "equality"),
        [SyntaxKind.LogicalAndExpression] = (SyntaxKind.LogicalOrExpression, SyntaxKind.BarBarToken, "and/or"),
        [SyntaxKind.LogicalOrExpression] = (SyntaxKind.LogicalAndExpression, SyntaxKind.AmpersandAmpersandToken, "and/or"),
        [SyntaxKind.AddExpression] = (SyntaxKind.SubtractExpression, SyntaxKind.MinusToken, "arithmetic"),
        [SyntaxKind.SubtractExpression] = (SyntaxKind.AddExpression, SyntaxKind.PlusToken, "arithmetic"),
    };

    /// <summary>The mutants of a file.</summary>
    public static IEnumerable<Mutant> Mutants(MutatedProject project, SyntaxTree tree) =>
        from node in tree.GetRoot().DescendantNodes(Descend)
        from change in Changes(node)
        select new Mutant(project, tree, node, change.Replacement, change.Kind);

    // Attributes and what only ends in the log change nothing that a test should see.
    private static bool Descend(SyntaxNode node) => node is not (AttributeListSyntax or EnumMemberDeclarationSyntax) && !IsLog(node);

    private static IEnumerable<(SyntaxNode? Replacement, string Kind)> Changes(SyntaxNode node)
    {
        switch (node)
        {
            case BinaryExpressionSyntax binary when Operators.TryGetValue(binary.Kind(), out var other) && !IsText(binary):
                yield return (BinaryExpression(other.Expression, binary.Left, Token(other.Token).WithTriviaFrom(binary.OperatorToken), binary.Right), other.Kind);
                break;
            case BinaryExpressionSyntax coalesce when coalesce.IsKind(SyntaxKind.CoalesceExpression) && coalesce.Right is not ThrowExpressionSyntax:
                yield return (coalesce.Left, "coalesce");
                yield return (coalesce.Right, "coalesce");
                break;
            case IfStatementSyntax branch:
                yield return (branch.WithCondition(Not(branch.Condition)), "condition");
                if (branch.Else is null && LeavesEarly(branch.Statement)) yield return (EmptyStatement(), "early return");
                break;
            case WhileStatementSyntax loop:
                yield return (loop.WithCondition(Not(loop.Condition)), "condition");
                break;
            case ConditionalExpressionSyntax choice:
                yield return (choice.WithCondition(Not(choice.Condition)), "condition");
                break;
            case WhenClauseSyntax guard:
                yield return (guard.WithCondition(Not(guard.Condition)), "condition");
                break;
            case ExpressionStatementSyntax statement when !IsLog(statement):
                yield return (EmptyStatement(), "statement");
                break;
            case LiteralExpressionSyntax literal when Number(literal) is { } number && !IsSetting(literal):
                yield return (number, "constant");
                break;
            case LiteralExpressionSyntax literal when literal.Kind() is SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression:
                var flipped = literal.IsKind(SyntaxKind.TrueLiteralExpression) ? SyntaxKind.FalseLiteralExpression : SyntaxKind.TrueLiteralExpression;
                yield return (LiteralExpression(flipped), "constant");
                break;
            case IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } access } name when access.Name == name && Opposite(name) is { } opposite:
                yield return (IdentifierName(opposite), "call");
                break;
        }
    }

    private static string? Opposite(IdentifierNameSyntax name) => name.Identifier.Text switch
    {
        "Min" => "Max",
        "Max" => "Min",
        "Any" => "All",
        "All" => "Any",
        "Floor" => "Ceiling",
        "Ceiling" => "Floor",
        _ => null,
    };

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax condition) =>
        PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(condition.WithoutTrivia()));

    private static bool LeavesEarly(StatementSyntax statement) => statement switch
    {
        BlockSyntax { Statements: [var only] } => LeavesEarly(only),
        ReturnStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax or ThrowStatementSyntax => true,
        _ => false,
    };

    private static LiteralExpressionSyntax? Number(LiteralExpressionSyntax literal) => literal.Token.Value switch
    {
        int value => LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal((value + 1).ToString(CultureInfo.InvariantCulture), value + 1)),
        double value => LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal((value + 1).ToString("R", CultureInfo.InvariantCulture), value + 1)),
        _ => null,
    };

    // Any time near the one that is written is as good, and so is any default of a setting.
    private static bool IsSetting(LiteralExpressionSyntax literal) =>
        literal.Ancestors().OfType<InvocationExpressionSyntax>().Any(call => call.Expression is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "TimeSpan" } })
        || literal.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>()?.Identifier.Text.EndsWith("Options", StringComparison.Ordinal) is true;

    // Text is joined by + as well.
    private static bool IsText(BinaryExpressionSyntax binary) => binary.IsKind(SyntaxKind.AddExpression)
        && binary.DescendantNodesAndSelf().Any(part => part is InterpolatedStringExpressionSyntax || part.IsKind(SyntaxKind.StringLiteralExpression));

    private static bool IsLog(SyntaxNode node) => node is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call } && call.Expression switch
    {
        IdentifierNameSyntax name => IsLogName(name),
        MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } => IsLogName(name),
        _ => false,
    };

    private static bool IsLogName(IdentifierNameSyntax name) => name.Identifier.Text.StartsWith("Log", StringComparison.Ordinal);
}
