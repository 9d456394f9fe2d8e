using System.Globalization;

namespace DroneDelivery.FleetSimulator.Display;

/// <summary>A line for everything that happens and a summary every ten seconds: for logs and pipes.</summary>
/// <param name="output">Where to.</param>
internal sealed class LineDisplay(TextWriter output) : IFleetDisplay
{
    private static readonly TimeSpan SummaryPeriod = TimeSpan.FromSeconds(10);
    private DateTimeOffset _nextSummary;

    /// <inheritdoc/>
    public void Write(DateTimeOffset time, string sentence) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time:HH:mm:ss} {sentence}"));

    /// <inheritdoc/>
    public void Show(FleetView view)
    {
        if (view.Time < _nextSummary) return;

        _nextSummary = view.Time + SummaryPeriod;
        var drones = string.Join(", ", view.Activities.Select(pair => $"{pair.Value} {pair.Key}"));
        Write(view.Time.ToLocalTime(), string.Create(
            CultureInfo.InvariantCulture,
            $"{drones}; {view.Delivered} delivered, {view.Dropped} dropped; {view.ReportRate:0.#} reports/s, {view.Errors} errors."));
    }
}
