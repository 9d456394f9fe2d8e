using System.CommandLine;
using System.Globalization;

namespace DroneDelivery.CommandLine;

/// <summary>Options of the tools; a wrong value is told in one sentence that says what is wanted.</summary>
internal static class CheckedOption
{
    public static Option<int?> Number(string name, string description, int value, int from, int to) => Value<int?>(
        name, description, value, $"a whole number between {from} and {to}", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to
                ? number : null);

    public static Option<double?> Real(string name, string description, double value, double from, double to) => Value<double?>(
        name, description, value, string.Create(CultureInfo.InvariantCulture, $"a number between {from} and {to}"), text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to
                ? number : null);

    public static Option<string?> Text(string name, string description, string? value, string wanted, Func<string, bool> isValid) =>
        Value(name, description, value, wanted, text => isValid(text) ? text : null);

    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="value">What it is when it is left out.</param>
    /// <param name="wanted">What its values are, in words.</param>
    /// <param name="parse">Reads a value; null when it is none.</param>
    public static Option<T> Value<T>(string name, string description, T value, string wanted, Func<string, T?> parse) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            var parsed = parse(text);
            if (parsed is null) result.AddError($"{name} must be {wanted}, not '{text}'.");
            return parsed!;
        },
    };
}
