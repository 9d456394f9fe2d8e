using System.Reflection;

namespace DroneDelivery.Golden;

/// <summary>Makes a value of a message type in which every field differs from its default, the same one in every run.</summary>
internal static class Sample
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static object Of(Type type) => Make(type, type.Name);

    private static object Make(Type type, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Make(underlying, name);
        if (type == typeof(string)) return name;
        if (type == typeof(bool)) return true;
        if (type == typeof(int)) return 7;
        if (type == typeof(long)) return 1_000_000_007L;
        if (type == typeof(double)) return 1.5;
        if (type == typeof(decimal)) return 12.34m;
        if (type == typeof(DateTimeOffset)) return At;
        if (type == typeof(DateOnly)) return DateOnly.FromDateTime(At.UtcDateTime);
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(90);
        if (type == typeof(Guid)) return new Guid("11111111-2222-3333-4444-555555555555");
        if (type == typeof(byte[])) return new byte[] { 1, 2, 3 };
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Take(2).Last();
        if (type.IsArray) return List(type.GetElementType()!, name);
        if (type.IsGenericType && type.GetGenericArguments() is [var element] && type.IsAssignableFrom(element.MakeArrayType())) return List(element, name);
        if (type.IsGenericType && type.GetGenericArguments() is [var key, var value] && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)))
        {
            var entries = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, value))!;
            entries[Make(key, name)] = Make(value, name);
            return entries;
        }

        if (type.GetCustomAttribute<GenerateSerializerAttribute>() is null) throw new NotSupportedException($"Say here what a sample of {type} is.");
        var constructor = type.GetConstructors().Where(candidate => candidate.GetParameters() is not [var only] || only.ParameterType != type).MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new NotSupportedException($"{type} has no public constructor.");
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!))]);
        var given = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite && !given.Contains(property.Name)))
            property.SetValue(made, Make(property.PropertyType, property.Name));
        return made;
    }

    private static Array List(Type element, string name)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(Make(element, name), 0);
        return list;
    }
}
