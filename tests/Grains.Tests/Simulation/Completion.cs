namespace DroneDelivery.Simulation;

/// <summary>The task that a call returns, whatever its type.</summary>
internal abstract class Completion
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, Func<Completion>> Makers = new();

    public abstract object Returned { get; }

    public static Completion For(Type returned) => Makers.GetOrAdd(returned, static type =>
    {
        var result = type.IsGenericType ? type.GenericTypeArguments[0] : typeof(object);
        var asValue = type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
        var made = typeof(Of<>).MakeGenericType(result);
        return () => (Completion)Activator.CreateInstance(made, asValue, !type.IsGenericType)!;
    })();

    /// <summary>Awaits what a method returned and gives its result.</summary>
    public static async Task<object?> Await(object returned)
    {
        var type = returned.GetType();
        if (returned is ValueTask plain)
        {
            await plain;
            return null;
        }

        var task = returned as Task ?? (Task)type.GetMethod("AsTask")!.Invoke(returned, null)!;
        await task;
        var property = task.GetType().GetProperty("Result");
        return property is null || property.PropertyType.Name == "VoidTaskResult" ? null : property.GetValue(task);
    }

    public abstract void Succeed(object? result);

    public abstract void Fail(Exception failure);

    private sealed class Of<T>(bool asValue, bool isPlain) : Completion
    {
        private readonly TaskCompletionSource<T> _source = new();

        public override object Returned => (asValue, isPlain) switch
        {
            (true, true) => new ValueTask(_source.Task),
            (true, false) => new ValueTask<T>(_source.Task),
            _ => _source.Task,
        };

        public override void Succeed(object? result) => _source.TrySetResult((T)result!);

        public override void Fail(Exception failure) => _source.TrySetException(failure);
    }
}
