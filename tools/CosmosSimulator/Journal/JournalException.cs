namespace DroneDelivery.CosmosSimulator.Journal;

/// <summary>The journal cannot be used; the message says why and what to do.</summary>
internal sealed class JournalException(string message) : Exception(message);
