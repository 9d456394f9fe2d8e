namespace DroneDelivery.Notifications;

/// <summary>Whether and where events are published to Azure Event Grid; section <c>Notifications:EventGrid</c>.</summary>
internal sealed class EventGridOptions
{
    /// <summary>Endpoint of a namespace or of a custom topic; null: nothing is published.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Topic of the namespace; empty: the endpoint is that of a custom topic.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Access key; empty: the identity of the process, which needs the role EventGrid Data Sender.</summary>
    public string Key { get; set; } = "";

    /// <summary>Where batches are published.</summary>
    public Uri PublishAddress => Topic.Length > 0
        ? new Uri(Endpoint!, $"/topics/{Uri.EscapeDataString(Topic)}:publish?api-version=2024-06-01")
        : new Uri(Endpoint!, "/api/events?api-version=2018-01-01");

    /// <summary>What is wrong with it, in one sentence; null: nothing.</summary>
    public string? Objection => Endpoint switch
    {
        null when Topic.Length > 0 || Key.Length > 0 => "Notifications:EventGrid has a Topic or a Key but no Endpoint; set Notifications:EventGrid:Endpoint to the endpoint of the namespace or topic.",
        { IsAbsoluteUri: false } => $"Notifications:EventGrid:Endpoint is '{Endpoint}'; set it to an address such as https://contoso.westeurope-1.eventgrid.azure.net.",
        { IsAbsoluteUri: true } endpoint when endpoint.Scheme != Uri.UriSchemeHttps && !(endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback) =>
            $"Notifications:EventGrid:Endpoint is '{endpoint}'; it must begin with https://.",
        { AbsolutePath.Length: > 1 } endpoint => $"Notifications:EventGrid:Endpoint is '{endpoint}'; leave out the path, the topic belongs into Notifications:EventGrid:Topic.",
        _ => null,
    };

    // Options are printed in traces; a key must not be.
    public override string ToString() => $"{Endpoint} {Topic}";
}
