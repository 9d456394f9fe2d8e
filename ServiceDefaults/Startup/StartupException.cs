namespace DroneDelivery.Startup;

/// <summary>
/// The process cannot start as it is set up. The message is one sentence for the person who starts it: what is wrong and how to mend it.
/// </summary>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What led to it, for logs and tests.</param>
public sealed class StartupException(string message, Exception? innerException = null) : Exception(message, innerException);
