using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>One operation on one item, by itself or in a batch.</summary>
/// <param name="Kind">One of the item operations.</param>
/// <param name="Id">Id of the item; null when only the body says it.</param>
/// <param name="Body">The document, or the patch.</param>
/// <param name="IfMatch">The etag that the item must have; <c>*</c> for any.</param>
/// <param name="IfNoneMatch">The etag that the item must not have; <c>*</c> when it must not exist.</param>
/// <param name="WithoutContent">Whether the answer needs no document.</param>
internal sealed record ItemOperation(
    RequestKind Kind, string? Id, JsonElement Body, string? IfMatch, string? IfNoneMatch, bool WithoutContent);

/// <summary>What came of an operation.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Item">The item as it is now; null when it is gone.</param>
/// <param name="Charge">Cost, request units.</param>
internal sealed record ItemOutcome(int Status, StoredItem? Item, double Charge);
