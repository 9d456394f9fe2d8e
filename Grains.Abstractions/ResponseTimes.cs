namespace DroneDelivery;

/// <summary>How long callers wait for answers, as <see cref="ResponseTimeoutAttribute"/> takes it.</summary>
internal static class ResponseTimes
{
    /// <summary>
    /// For what clients wait for and may be asked again: a call into a silo that has just died is answered by nobody, and the sooner it is given up,
    /// the sooner it is asked of a living one.
    /// </summary>
    public const string Short = "00:00:00.8";
}
