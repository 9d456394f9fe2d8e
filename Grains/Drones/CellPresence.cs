using DroneDelivery.Navigation;

namespace DroneDelivery.Drones;

/// <summary>What a drone last told the airspace, so that cells hear of changes and of a slow refresh only.</summary>
/// <param name="refresh">Time after which an unchanged presence is told again.</param>
internal sealed class CellPresence(TimeSpan refresh)
{
    private const int BatteryBands = 10;

    private string? _cell;
    private int _band;
    private DateTimeOffset _toldAt;

    /// <summary>Takes in the present state and says which cell to leave and which to enter; null: none.</summary>
    /// <param name="free">The drone when it is free, else null.</param>
    /// <param name="now">Present time.</param>
    public (string? Leave, string? Enter) Change(FreeDrone? free, DateTimeOffset now)
    {
        var cell = free is null ? null : SphericalGrid.Cells.KeyOf(free.Position);
        var band = (int)((free?.Battery ?? 0) * BatteryBands);
        var leave = _cell != cell ? _cell : null;
        var enter = cell is not null && (_cell != cell || _band != band || now - _toldAt >= refresh) ? cell : null;
        if (enter is not null) _toldAt = now;
        (_cell, _band) = (cell, band);
        return (leave, enter);
    }
}
