using System.Net;

namespace DroneDelivery.Notifications;

/// <summary>Reads what a receiver's answer means.</summary>
internal static class HttpResults
{
    /// <summary>2xx: taken. 410: wants no more. Anything else, redirects too: again later, when it says so at that time.</summary>
    public static SendResult Of(HttpResponseMessage response, TimeProvider time)
    {
        if (response.IsSuccessStatusCode) return SendResult.Done;
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        var status = (int)response.StatusCode;
        var reason = status is >= 300 and < 400
            ? $"It answered {status}; redirects are not followed."
            : $"It answered {status}.";
        return new SendResult(false, reason, Gone: response.StatusCode == HttpStatusCode.Gone, RetryAfter: wait);
    }
}
