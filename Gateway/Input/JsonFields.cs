using System.Globalization;
using System.Text.Json;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// Reads the fields of a JSON object as loosely as clients write them: names in any case, numbers and booleans also as text,
/// enums by name in any case or by number. Every getter gives null for a field that is absent, null, or at fault; a fault is noted.
/// </summary>
/// <param name="element">The object.</param>
/// <param name="path">Its own name, to prefix those of its fields.</param>
/// <param name="errors">Where faults are noted.</param>
internal sealed class JsonFields(JsonElement element, string path, FieldErrors errors)
{
    /// <summary>Notes that a field can't be done without.</summary>
    public void Missing(string name) => errors.Add(Path(name), "is required");

    /// <summary>Notes a fault of a field.</summary>
    public void Fault(string name, string message) => errors.Add(Path(name), message);

    /// <summary>Notes a fault of the object as a whole.</summary>
    public void FaultAll(string message) => errors.Add(path.Length == 0 ? "body" : path, message);

    /// <summary>Whether the field is there and not null. An alias is another name under which clients send it.</summary>
    public bool Has(string name, string? alias = null) => Find(name, alias) is not null;

    /// <summary>Whether the field is there and says that its value is not known: null, NaN, or a number that stands for it.</summary>
    public bool IsUnknown(string name, params ReadOnlySpan<double> marks)
    {
        if (element.ValueKind != JsonValueKind.Object) return false;

        var isUnknown = false;
        foreach (var property in element.EnumerateObject())
        {
            if (!property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            isUnknown = property.Value.ValueKind switch
            {
                JsonValueKind.Null => true,
                JsonValueKind.Number => property.Value.TryGetDouble(out var number) && marks.Contains(number),
                JsonValueKind.String => double.TryParse(property.Value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var read)
                    && (double.IsNaN(read) || marks.Contains(read)),
                _ => false,
            };
        }

        return isUnknown;
    }

    /// <summary>A text; numbers count as text.</summary>
    public string? Text(string name, int maxLength, string? alias = null)
    {
        if (Find(name, alias) is not { } value) return null;

        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        if (text is null) Fault(name, "must be text");
        else if (text.Length > maxLength) Fault(name, $"must not be longer than {maxLength} characters");
        else return text;
        return null;
    }

    /// <summary>An id; an empty one counts as absent.</summary>
    public string? Id(string name, string? alias = null)
    {
        if (Find(name, alias) is { ValueKind: JsonValueKind.String } value && value.ValueEquals("")) return null;
        if (Text(name, int.MaxValue, alias) is not { } text) return null;
        if (EntityId.IsValid(text)) return text;

        Fault(name, EntityId.Rule);
        return null;
    }

    /// <summary>An id that may be new; an empty one counts as absent.</summary>
    public string? NewId(string name, string? alias = null)
    {
        if (Id(name, alias) is not { } id) return null;
        if (!EntityId.IsReserved(id)) return id;

        Fault(name, EntityId.ReservedRule);
        return null;
    }

    /// <summary>A text that may be a time; one that looks like a time and cannot be read is a fault.</summary>
    public string? Deadline(string name)
    {
        if (Text(name, OrderInput.MaxTextLength) is not { } text) return null;
        if (LooseTime.TryRead(text, out _) || !LooseTime.LooksLikeTime(text)) return text;

        Fault(name, "looks like a time but is none; write it like 2030-01-31T12:00:00Z");
        return null;
    }

    /// <summary>An id that can't be done without.</summary>
    public string RequiredId(string name, string? alias = null)
    {
        if (Id(name, alias) is { } id) return id;
        if (!errors.Has(Path(name))) Missing(name);
        return "";
    }

    /// <summary>A finite number within limits.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Find(name) is not { } value) return null;

        double number;
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDouble(out number),
            JsonValueKind.String => double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => Fail(out number),
        };
        if (!read || !double.IsFinite(number)) Fault(name, "must be a number");
        else if (number < min || number > max) Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));
        else return number;
        return null;

        static bool Fail(out double number)
        {
            number = 0;
            return false;
        }
    }

    /// <summary>A finite number above zero.</summary>
    public double? Positive(string name, double max)
    {
        if (Number(name, double.MinValue, double.MaxValue) is not { } number) return null;
        if (number > 0 && number <= max) return number;

        Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be above 0 and at most {max}"));
        return null;
    }

    /// <summary>A number above zero that can't be done without.</summary>
    public double RequiredPositive(string name, double max)
    {
        if (Positive(name, max) is { } number) return number;
        if (!errors.Has(Path(name))) Missing(name);
        return 0;
    }

    /// <summary>A whole number.</summary>
    public long? Whole(string name, long min, long max)
    {
        if (Find(name) is not { } value) return null;

        long number;
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out number),
            JsonValueKind.String => long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            _ => Fail(out number),
        };
        if (read && number >= min && number <= max) return number;

        Fault(name, $"must be a whole number from {min} to {max}");
        return null;

        static bool Fail(out long number)
        {
            number = 0;
            return false;
        }
    }

    /// <summary>A whole number that can't be done without.</summary>
    public long RequiredWhole(string name, long min, long max)
    {
        if (Whole(name, min, max) is { } number) return number;
        if (!errors.Has(Path(name))) Missing(name);
        return min;
    }

    /// <summary>True or false.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } value) return null;

        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number when value.TryGetInt32(out var number) && number is 0 or 1:
                return number == 1;
            case JsonValueKind.String when bool.TryParse(value.GetString(), out var flag):
                return flag;
            default:
                Fault(name, "must be true or false");
                return null;
        }
    }

    /// <summary>A member of an enum, by name in any case or by number.</summary>
    public T? Choice<T>(string name, string? alias = null) where T : struct, Enum
    {
        if (Find(name, alias) is not { } value) return null;

        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };

        // Enum.TryParse also takes lists and undefined numbers.
        if (!text.Contains(',') && Enum.TryParse<T>(text, ignoreCase: true, out var choice) && Enum.IsDefined(choice)) return choice;

        Fault(name, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
        return null;
    }

    /// <summary>A member of an enum that can't be done without.</summary>
    public T RequiredChoice<T>(string name, string? alias = null) where T : struct, Enum
    {
        if (Choice<T>(name, alias) is { } choice) return choice;
        if (!errors.Has(Path(name))) Missing(name);
        return default;
    }

    /// <summary>Members of an enum, each once, by name in any case or by number.</summary>
    public IReadOnlyList<T>? Choices<T>(string name, int maxCount) where T : struct, Enum
    {
        if (Find(name) is not { } value) return null;

        var known = new List<T>();
        var entries = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [];
        foreach (var entry in entries)
        {
            var text = entry.ValueKind switch
            {
                JsonValueKind.String => entry.GetString()!.Trim(),
                JsonValueKind.Number => entry.GetRawText(),
                _ => "",
            };
            if (!text.Contains(',') && Enum.TryParse<T>(text, ignoreCase: true, out var choice) && Enum.IsDefined(choice)) known.Add(choice);
        }

        if (value.ValueKind == JsonValueKind.Array && entries.Count <= maxCount && known.Count == entries.Count) return [.. known.Distinct()];

        Fault(name, $"must be a list of at most {maxCount} of {string.Join(", ", Enum.GetNames<T>())}");
        return null;
    }

    /// <summary>A time; an empty one counts as absent.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name) is { ValueKind: JsonValueKind.String } empty && string.IsNullOrWhiteSpace(empty.GetString())) return null;
        if (Text(name, LooseTime.MaxLength) is not { } text) return null;
        if (LooseTime.TryRead(text, out var time)) return time;

        Fault(name, "must be an ISO 8601 time, such as 2030-01-31T12:00:00Z");
        return null;
    }

    /// <summary>A time that can't be done without.</summary>
    public DateTimeOffset RequiredTime(string name)
    {
        if (Time(name) is { } time) return time;
        if (!errors.Has(Path(name))) Missing(name);
        return default;
    }

    /// <summary>An object.</summary>
    public JsonFields? Object(string name, string? alias = null)
    {
        if (Find(name, alias) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object) return new JsonFields(value, Path(name), errors);

        Fault(name, "must be an object");
        return null;
    }

    /// <summary>An object that can't be done without; when it is missing, what it lacks is not noted again.</summary>
    public JsonFields RequiredObject(string name, string? alias = null)
    {
        if (Object(name, alias) is { } fields) return fields;
        if (!errors.Has(Path(name))) Missing(name);
        return new JsonFields(default, Path(name), new FieldErrors());
    }

    /// <summary>A point as {latitude, longitude, altitude}.</summary>
    public GeoPoint? Point(string name, string? alias = null) => Object(name, alias) is { } fields ? fields.ReadPoint() : null;

    /// <summary>A point that can't be done without.</summary>
    public GeoPoint RequiredPoint(string name)
    {
        if (Point(name) is { } point) return point;
        if (!errors.Has(Path(name)) && !Has(name)) Missing(name);
        return default;
    }

    /// <summary>A place as text, as <c>"altitude,latitude,longitude"</c> or as {latitude, longitude, altitude}.</summary>
    public RawPlace? Place(string name, string? alias = null)
    {
        if (Find(name, alias) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object) return Point(name, alias) is { } point ? new RawPlace(Path(name), null, point) : null;
        if (Text(name, RawPlace.MaxTextLength, alias) is not { } text) return null;

        if (string.IsNullOrWhiteSpace(text)) Fault(name, "must not be empty");
        else if (!RawPlace.TryReadNumbers(text, out var numbers)) return new RawPlace(Path(name), text, null);
        else if (!numbers.IsValid) Fault(name, "must be a place on Earth: altitude in metres, latitude, longitude in degrees");
        else return new RawPlace(Path(name), text, numbers);
        return null;
    }

    /// <summary>A place that can't be done without.</summary>
    public RawPlace RequiredPlace(string name, string? alias = null)
    {
        if (Place(name, alias) is { } place) return place;
        if (!Has(name, alias)) Missing(name);
        return RawPlace.Nowhere;
    }

    /// <summary>Itself as a point {latitude, longitude, altitude}.</summary>
    /// <param name="withAltitude">False: the altitude is left unread.</param>
    public GeoPoint? ReadPoint(bool withAltitude = true)
    {
        var latitude = Number("latitude", -90, 90);
        var longitude = Number("longitude", -180, 180);
        var altitude = withAltitude ? Number("altitude", GeoPoint.MinAltitude, GeoPoint.MaxAltitude) : null;
        if (!Has("latitude")) Missing("latitude");
        if (!Has("longitude")) Missing("longitude");
        return latitude is { } lat && longitude is { } lon ? new GeoPoint(lat, lon, altitude ?? 0) : null;
    }

    private JsonElement? Find(string name, string? alias = null)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;

        JsonElement? found = null;
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null
                && (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                    || (alias is not null && property.Name.Equals(alias, StringComparison.OrdinalIgnoreCase))))
            {
                found = property.Value;
            }
        }

        return found;
    }

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
