namespace DroneDelivery.Gateway.Input;

/// <summary>What is wrong with which field, by its JSON name.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = [];

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _errors.Count > 0;

    /// <summary>Whether this field or one within it is at fault already.</summary>
    public bool Has(string field) =>
        _errors.Keys.Any(name => name.StartsWith(field, StringComparison.Ordinal) && (name.Length == field.Length || name[field.Length] == '.'));

    /// <summary>Adds a fault.</summary>
    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages)) _errors[field] = messages = [];
        messages.Add(message);
    }

    /// <summary>The faults, as problem details carry them.</summary>
    public IDictionary<string, string[]> ToDictionary() => _errors.ToDictionary(e => e.Key, e => e.Value.ToArray());
}
