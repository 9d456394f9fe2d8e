using System.Globalization;

namespace DroneDelivery.Gateway.Input;

/// <summary>Reads query parameters as loosely as <see cref="JsonFields"/> reads bodies; an empty one counts as absent. Faults are noted.</summary>
internal sealed class QueryFields
{
    /// <summary>What is wrong so far.</summary>
    public FieldErrors Errors { get; } = new();

    /// <summary>An id.</summary>
    public string? Id(string name, string? text)
    {
        if (string.IsNullOrEmpty(text) || EntityId.IsValid(text)) return string.IsNullOrEmpty(text) ? null : text;

        Errors.Add(name, EntityId.Rule);
        return null;
    }

    /// <summary>An id that can't be done without.</summary>
    public string RequiredId(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) Errors.Add(name, "is required");
        return Id(name, text) ?? "";
    }

    /// <summary>A member of an enum, by name in any case or by number.</summary>
    public T? Choice<T>(string name, string? text) where T : struct, Enum
    {
        if (string.IsNullOrWhiteSpace(text)) return null;

        // Enum.TryParse also takes lists and undefined numbers.
        if (!text.Contains(',') && Enum.TryParse<T>(text.Trim(), ignoreCase: true, out var choice) && Enum.IsDefined(choice)) return choice;

        Errors.Add(name, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
        return null;
    }

    /// <summary>A time.</summary>
    public DateTimeOffset? Time(string name, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;

        if (LooseTime.TryRead(text, out var time)) return time;

        // A + that was not escaped arrives as a space.
        var space = text.LastIndexOf(' ');
        if (space > 0 && LooseTime.TryRead($"{text[..space]}+{text[(space + 1)..]}", out time)) return time;

        Errors.Add(name, "must be an ISO 8601 time, such as 2030-01-31T12:00:00Z");
        return null;
    }

    /// <summary>A whole number within limits.</summary>
    public int? Whole(string name, string? text, int min, int max)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;

        Errors.Add(name, $"must be a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A whole number that can't be done without.</summary>
    public int RequiredWhole(string name, string? text, int min, int max)
    {
        if (string.IsNullOrWhiteSpace(text)) Errors.Add(name, "is required");
        return Whole(name, text, min, max) ?? min;
    }
}
