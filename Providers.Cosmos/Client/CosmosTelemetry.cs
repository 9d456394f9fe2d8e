using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orleans.Providers.Cosmos;

/// <summary>Metrics and traces of every operation, after OpenTelemetry's conventions for Azure Cosmos DB.</summary>
public static class CosmosTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Orleans.Providers.Cosmos";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "db.client.operation.duration",
        unit: "s",
        description: "How long an operation took, with everything the client repeated by itself.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    private static readonly Histogram<double> Charge = Meter.CreateHistogram(
        "azure.cosmosdb.client.operation.request_charge",
        unit: "{request_unit}",
        description: "Request units that an operation cost.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000] });

    internal static Measurement Start(string operation, string database, string container) => new(operation, database, container);

    /// <summary>One operation under way.</summary>
    internal readonly struct Measurement
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly string _operation;
        private readonly string _database;
        private readonly string _container;
        private readonly Activity? _activity;

        public Measurement(string operation, string database, string container)
        {
            (_operation, _database, _container) = (operation, database, container);
            _activity = Source.StartActivity($"{operation} {container}", ActivityKind.Client);
            if (_activity is not { IsAllDataRequested: true }) return;
            _activity.SetTag("db.system.name", "azure.cosmosdb");
            _activity.SetTag("db.operation.name", operation);
            _activity.SetTag("db.namespace", database);
            _activity.SetTag("db.collection.name", container);
        }

        /// <summary>Records an answer.</summary>
        /// <param name="status">HTTP status.</param>
        /// <param name="charge">Request units.</param>
        public void Answered(int status, double charge)
        {
            if (_activity is not null)
            {
                _activity.SetTag("db.response.status_code", status);
                _activity.SetTag("azure.cosmosdb.operation.request_charge", charge);
                // A missing item or a lost race is an answer like any other.
                if (status >= 400 && status is not (404 or 409 or 412)) _activity.SetStatus(ActivityStatusCode.Error);
            }

            Record(status.ToString(System.Globalization.CultureInfo.InvariantCulture), charge);
        }

        /// <summary>Records that no answer came.</summary>
        public void Failed(Exception exception)
        {
            _activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            Record(exception.GetType().Name, null);
        }

        private void Record(string status, double? charge)
        {
            _activity?.Dispose();
            if (!Duration.Enabled && !Charge.Enabled) return;
            var tags = new TagList
            {
                { "db.system.name", "azure.cosmosdb" },
                { "db.operation.name", _operation },
                { "db.namespace", _database },
                { "db.collection.name", _container },
                { "db.response.status_code", status },
            };
            Duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, tags);
            if (charge is { } units) Charge.Record(units, tags);
        }
    }
}
