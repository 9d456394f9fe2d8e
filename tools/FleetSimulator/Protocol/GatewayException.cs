using System.Net;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>The gateway could not be reached, or did not do what it was asked.</summary>
/// <param name="message">A clause without a full stop.</param>
/// <param name="status">Its answer; a time-out counts as one; null: it could not be reached.</param>
internal sealed class GatewayException(string message, HttpStatusCode? status = null) : Exception(message)
{
    /// <summary>Its answer; a time-out counts as one; null: it could not be reached.</summary>
    public HttpStatusCode? Status => status;

    /// <summary>Whether the gateway is the one to wait for, rather than the question at fault.</summary>
    public bool IsOutage => status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
