namespace DroneDelivery.Gateway.Input;

/// <summary>What goes wrong while a body is received.</summary>
internal static class RequestBody
{
    /// <summary>
    /// Says that the client is at fault: the server reports a chunk whose size is out of range, and a body that breaks off, as a mere <see cref="IOException"/>.
    /// </summary>
    public static BadHttpRequestException Unreadable(IOException exception) => new("The body cannot be read to its end.", exception);
}
