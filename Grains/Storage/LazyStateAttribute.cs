using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>As <see cref="PersistentStateAttribute"/>, but an activation begins without reading; <see cref="LazyDocumentGrain{TState}"/> reads when it has to.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class LazyStateAttribute(string stateName, string storageName) : PersistentStateAttribute(stateName, storageName);

/// <summary>Makes the states.</summary>
internal sealed class LazyStateMapper : IAttributeToFactoryMapper<LazyStateAttribute>
{
    public Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, LazyStateAttribute metadata)
    {
        var type = typeof(LazyState<>).MakeGenericType(parameter.ParameterType.GenericTypeArguments[0]);
        return context => Activator.CreateInstance(
            type, metadata.StateName, context, context.ActivationServices.GetRequiredKeyedService<IGrainStorage>(metadata.StorageName))!;
    }

    private sealed class LazyState<TState>(string name, IGrainContext context, IGrainStorage store) : IPersistentState<TState> where TState : new()
    {
        private readonly GrainState<TState> _state = new(new TState());

        public TState State
        {
            get => _state.State!;
            set => _state.State = value;
        }

        public string Etag => _state.ETag!;

        public bool RecordExists => _state.RecordExists;

        public Task ReadStateAsync() => store.ReadStateAsync(name, context.GrainId, _state);

        public Task WriteStateAsync() => store.WriteStateAsync(name, context.GrainId, _state);

        public Task ClearStateAsync() => store.ClearStateAsync(name, context.GrainId, _state);
    }
}
