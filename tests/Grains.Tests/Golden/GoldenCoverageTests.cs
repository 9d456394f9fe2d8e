using System.Reflection;

namespace DroneDelivery.Golden;

/// <summary>No stored state escapes <see cref="GoldenStateTests"/>.</summary>
public sealed class GoldenCoverageTests
{
    [Fact]
    public void Every_state_that_a_grain_stores_has_a_file()
    {
        var stored = typeof(GrainsSiloBuilderExtensions).Assembly.GetTypes()
            .SelectMany(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .SelectMany(constructor => constructor.GetParameters())
            .Select(parameter => parameter.ParameterType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IPersistentState<>))
            .Select(type => type.GetGenericArguments()[0])
            .Where(state => !state.IsGenericParameter)
            .Distinct()
            .ToList();

        Assert.NotEmpty(stored);
        Assert.Empty(stored.Except(GoldenStateTests.States.Values.Select(state => state.GetType())));
    }

    /// <summary>Nulls are not written, so a new field that may be null shows in a file only when its sample has a value.</summary>
    [Fact]
    public void Every_field_of_a_state_has_a_value_in_its_sample() => Assert.All(GoldenStateTests.States, entry =>
        Assert.DoesNotContain(entry.Value.GetType().GetProperties().Where(property => property.CanWrite), property => property.GetValue(entry.Value) is null));
}
