namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>What came of one operation of a batch.</summary>
/// <param name="Status">HTTP status; 424 when another operation's failure undid it.</param>
/// <param name="SubStatus">Sub-status code.</param>
/// <param name="ETag">The etag of the item.</param>
/// <param name="Body">The item; null when it is not wanted.</param>
/// <param name="Charge">Cost, request units.</param>
/// <param name="RetryAfter">How long to wait before trying again.</param>
internal sealed record BatchResult(int Status, int SubStatus, string? ETag, byte[]? Body, double Charge, TimeSpan? RetryAfter = null);
