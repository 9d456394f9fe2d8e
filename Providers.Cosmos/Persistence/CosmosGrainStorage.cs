using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Providers.Cosmos;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Orleans.Persistence.Cosmos;

/// <summary>
/// Grain storage with a document for each state. A state is only ever replaced in the version that its grain has read or written last.
/// </summary>
/// <remarks>
/// A fault in the middle of a write leaves open whether it took effect: a time-out, a lost connection, an answer that never came. Whoever goes on with the old version then is wrong
/// half of the time. Such a write therefore fails with <see cref="InconsistentStateException"/> like one that lost a race: Orleans drops the activation, and the next one reads what is stored.
/// The same holds where the client repeated a write by itself and its second attempt is refused because the first had succeeded.
/// </remarks>
internal sealed partial class CosmosGrainStorage(
    string name,
    CosmosGrainStorageOptions options,
    IDocumentIdProvider places,
    CosmosContainers containers,
    IActivatorProvider activators,
    ILogger<CosmosGrainStorage> logger) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Stands for whatever version is stored.</summary>
    private const string AnyVersion = "*";

    private CosmosContainer? _container;

    private CosmosContainer Container => _container ?? throw new InvalidOperationException($"Grain storage '{name}' has not been initialized.");

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe($"{nameof(CosmosGrainStorage)}-{name}", options.InitStage, OpenAsync);

    internal async Task OpenAsync(CancellationToken cancellationToken) =>
        _container = await containers.OpenAsync(options, StateDocument.Container(options), $"grain storage '{name}'", cancellationToken);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(stateName, grainId);
        var document = await Container.ReadAsync(place.Id, place.Partition, cancellationToken);
        if (document is { IsSuccess: true, Content: var content } && StateDocument.Read(content) is { } stored)
        {
            grainState.State = options.GrainStorageSerializer.Deserialize<T>(stored)!;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.State = activators.GetActivator<T>().Create();
            grainState.RecordExists = false;
        }

        grainState.ETag = document.IsSuccess ? document.ETag : null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(stateName, grainId);
        var document = StateDocument.Write(
            place.Id, place.Partition, stateName, options.GrainStorageSerializer.Serialize(grainState.State), options.StateTimeToLive);
        grainState.ETag = await PutAsync(place, document, stateName, grainId, grainState.ETag, cancellationToken);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(stateName, grainId);
        if (options.DeleteStateOnClear)
        {
            await DeleteAsync(place, stateName, grainId, grainState.ETag, cancellationToken);
            grainState.ETag = null;
        }
        else
        {
            var document = StateDocument.Write(place.Id, place.Partition, stateName, null, options.StateTimeToLive);
            grainState.ETag = await PutAsync(place, document, stateName, grainId, grainState.ETag, cancellationToken);
        }

        grainState.State = activators.GetActivator<T>().Create();
        grainState.RecordExists = false;
    }

    private async Task<string> PutAsync(
        Place place, ReadOnlyMemory<byte> document, string stateName, GrainId grainId, string? etag, CancellationToken cancellationToken)
    {
        if (document.Length > StateDocument.MaxSize) throw TooLarge(stateName, grainId, document.Length);
        var result = await GuardedAsync(stateName, grainId, etag, document.Length, cancellationToken, () => etag switch
        {
            null or "" => Container.CreateAsync(document, place.Partition, cancellationToken),
            AnyVersion => Container.UpsertAsync(document, place.Partition, cancellationToken),
            _ => Container.ReplaceAsync(place.Id, document, place.Partition, etag, cancellationToken),
        });
        return result.IsSuccess ? result.ETag! : throw Inconsistent(stateName, grainId, etag, result);
    }

    private async Task DeleteAsync(Place place, string stateName, GrainId grainId, string? etag, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(etag))
        {
            // Nothing to delete, unless another activation has written meanwhile.
            var existing = await Container.ReadAsync(place.Id, place.Partition, cancellationToken);
            if (existing.IsSuccess) throw Inconsistent(stateName, grainId, etag, existing with { Status = HttpStatusCode.Conflict });
            return;
        }

        var version = etag is AnyVersion ? null : etag;
        var result = await GuardedAsync(
            stateName, grainId, etag, 0, cancellationToken, () => Container.DeleteAsync(place.Id, place.Partition, version, cancellationToken));
        if (!result.IsSuccess && !(version is null && result.Status is HttpStatusCode.NotFound)) throw Inconsistent(stateName, grainId, etag, result);
    }

    /// <summary>Makes an open outcome drop the activation.</summary>
    private async Task<ItemResult> GuardedAsync(
        string stateName, GrainId grainId, string? etag, int size, CancellationToken cancellationToken, Func<Task<ItemResult>> write)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await write();
        }
        catch (CosmosRequestException fault) when (fault.StatusCode is HttpStatusCode.RequestEntityTooLarge)
        {
            throw TooLarge(stateName, grainId, size, fault);
        }
        catch (Exception fault) when (fault is CosmosRequestException { LeavesOutcomeOpen: true } or OperationCanceledException)
        {
            LogOutcomeOpen(fault, stateName, grainId, Container.Name);
            throw new InconsistentStateException(
                $"Whether state '{stateName}' of grain {grainId} was written to container '{Container.Name}' is unknown: {fault.Message}", null, etag, fault);
        }
    }

    private async ValueTask<Place> PlaceAsync(string stateName, GrainId grainId)
    {
        var (id, partition) = await places.GetDocumentIdentifiers(stateName, grainId);
        var size = Encoding.UTF8.GetByteCount(id);
        return size <= StateDocument.MaxIdSize
            ? new(id, partition)
            : throw new OrleansException($"The document id of state '{stateName}' of grain {grainId} has {size} bytes; Azure Cosmos DB takes at most {StateDocument.MaxIdSize}.");
    }

    private InconsistentStateException Inconsistent(string stateName, GrainId grainId, string? etag, ItemResult result)
    {
        LogInconsistent(stateName, grainId, Container.Name, (int)result.Status);
        var reason = result.Status switch
        {
            HttpStatusCode.Conflict => "it exists already, but this activation has not read it",
            HttpStatusCode.NotFound => "it does not exist any more",
            _ => "it has been written by another since this activation read it",
        };
        return new($"State '{stateName}' of grain {grainId} in container '{Container.Name}' is not as expected: {reason}.", result.ETag, etag);
    }

    private OrleansException TooLarge(string stateName, GrainId grainId, int size, Exception? inner = null) => new(
        $"State '{stateName}' of grain {grainId} makes a document of {size:N0} bytes; container '{Container.Name}' takes at most {StateDocument.MaxSize:N0}.", inner!);

    Task IGrainStorage.ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    Task IGrainStorage.WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    Task IGrainStorage.ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    private readonly record struct Place(string Id, string Partition);

    [LoggerMessage(LogLevel.Warning, "Whether state {State} of grain {Grain} was written to container {Container} is unknown; its activation will read it again")]
    private partial void LogOutcomeOpen(Exception fault, string state, GrainId grain, string container);

    [LoggerMessage(LogLevel.Information, "State {State} of grain {Grain} in container {Container} was not as expected ({Status})")]
    private partial void LogInconsistent(string state, GrainId grain, string container, int status);
}
