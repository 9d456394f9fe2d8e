namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>A request that is answered with an error.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">What is wrong, for the person who reads the client's exception.</param>
/// <param name="subStatus">Sub-status code; 0 when the service gives none.</param>
internal sealed class RefusedException(int status, string message, int subStatus = SubStatus.None) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Sub-status code.</summary>
    public int SubStatus { get; } = subStatus;

    /// <summary>What the request costs although it is refused, request units.</summary>
    public double Charge { get; init; }

    /// <summary>400.</summary>
    public static RefusedException BadRequest(string message, int subStatus = Protocol.SubStatus.None) => new(400, message, subStatus);

    /// <summary>404 of a thing itself; a missing owner is told by <see cref="SubStatus.OwnerNotFound"/>.</summary>
    public static RefusedException NotFound(string what, int subStatus = Protocol.SubStatus.None) =>
        new(404, $"Resource Not Found. {what}", subStatus);

    /// <summary>409.</summary>
    public static RefusedException Conflict(string what) =>
        new(409, $"Resource with specified id, name, or unique index already exists: {what}.");

    /// <summary>412.</summary>
    public static RefusedException PreconditionFailed(string what) =>
        new(412, $"Operation cannot be performed because one of the specified precondition is not met: {what}.");

    /// <summary>413.</summary>
    public static RefusedException TooLarge(string what) => new(413, $"Request size is too large: {what}.");

    /// <summary>400 for what the real service can do and this one cannot.</summary>
    public static RefusedException NotImitated(string what) => BadRequest($"The Cosmos simulator does not imitate {what}.");
}
