using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DroneDelivery.FleetSimulator.Display;

/// <summary>A live picture of the fleet: for a terminal.</summary>
/// <param name="console">The terminal.</param>
internal sealed class TableDisplay(IAnsiConsole console) : IFleetDisplay
{
    private const int LastEvents = 8;
    private const int BatteryCells = 10;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Queue<string> _events = new();
    private volatile FleetView? _view;

    /// <inheritdoc/>
    public void Write(DateTimeOffset time, string sentence)
    {
        lock (_lock)
        {
            if (_events.Count == LastEvents) _events.Dequeue();
            _events.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{time:HH:mm:ss} {sentence}"));
        }
    }

    /// <inheritdoc/>
    public void Show(FleetView view) => _view = view;

    /// <summary>Draws for as long as the work lasts.</summary>
    public Task RunAsync(Func<Task> work) => console.Live(new Text("The fleet gets ready.")).StartAsync(async context =>
    {
        var working = work();
        while (!working.IsCompleted)
        {
            Draw(context);
            await Task.WhenAny(working, Task.Delay(Refresh));
        }

        Draw(context);
        await working;
    });

    /// <summary>The picture of a moment.</summary>
    public IRenderable Picture(FleetView view)
    {
        var numbers = new Grid().AddColumns(2);
        Row(numbers, "gateway", view.Outage is { } outage ? $"[red]{Markup.Escape(outage)}[/]" : $"[green]{view.Gateway}[/]");
        foreach (var (activity, count) in view.Activities) Row(numbers, activity, $"{count}");
        Row(numbers, "missions flown", $"{view.Delivered}, {view.Dropped} dropped");
        Row(numbers, "reports", string.Create(CultureInfo.InvariantCulture, $"{view.ReportRate:0.#}/s, {view.Reports} in all"));
        Row(numbers, "errors", view.Errors == 0 ? "0" : $"[red]{view.Errors}[/]");
        Row(numbers, "wind", string.Create(CultureInfo.InvariantCulture, $"{view.Wind.Speed:0} m/s"));

        var drones = new Table().Border(TableBorder.Rounded).AddColumns("drone", "model", "activity", "battery", "delivery");
        foreach (var drone in view.Sample)
        {
            drones.AddRow(
                Markup.Escape(drone.Id), Markup.Escape(drone.Model), drone.Activity, Battery(drone.Battery), Markup.Escape(drone.DeliveryId ?? ""));
        }

        lock (_lock)
        {
            var events = _events.Select(line => new Text(line, new Style(Color.Grey)).Ellipsis());
            return new Rows([new Columns(new Panel(numbers).Header("fleet"), drones) { Expand = false }, .. events]);
        }
    }

    private static void Row(Grid grid, string name, string value) => grid.AddRow($"[grey]{name}[/]", value);

    private static string Battery(double charge)
    {
        var cells = (int)Math.Round(charge * BatteryCells);
        var color = charge < 0.2 ? "red" : charge < 0.5 ? "yellow" : "green";
        return string.Create(
            CultureInfo.InvariantCulture, $"[{color}]{new string('█', cells)}[/][grey]{new string('░', BatteryCells - cells)}[/] {charge * 100,3:0} %");
    }

    private void Draw(LiveDisplayContext context)
    {
        if (_view is not { } view) return;
        context.UpdateTarget(Picture(view));
    }
}
