using System.Text.Json;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>The fleet's state on disk: whole and of one moment, or absent.</summary>
/// <param name="path">Where.</param>
internal sealed class StateFile(string path)
{
    private readonly string _temporary = path + ".tmp";
    private byte[]? _last;

    /// <summary>What was saved; null when nothing was.</summary>
    /// <exception cref="StateFileException">It is damaged, of another version, or cannot be read.</exception>
    public FleetState? Load()
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateFileException($"The state file {path} cannot be read: {failure.Message}");
        }

        var state = Parse(content);
        if (state.Version != FleetState.CurrentVersion)
            throw new StateFileException($"The state file {path} has format {state.Version}; this program reads format {FleetState.CurrentVersion}.");

        if (state.Drones.Contains(null!)) throw Damaged("a drone is null");
        var problem = state.Drones.Select(drone => drone.Problem).FirstOrDefault(problem => problem is not null);
        var twice = state.Drones.GroupBy(drone => drone.Id).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (problem is not null) throw Damaged(problem);
        if (twice is not null) throw Damaged($"drone {twice} is in it twice");
        return state;
    }

    /// <summary>Writes beside the file and renames, so that a reader never sees half of it; does nothing when nothing changed.</summary>
    /// <exception cref="StateFileException">It cannot be written.</exception>
    public void Save(FleetState state)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.FleetState);
        if (_last is not null && content.AsSpan().SequenceEqual(_last)) return;

        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory) Directory.CreateDirectory(directory);
            using (var file = File.Create(_temporary))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(_temporary, path, overwrite: true);
            _last = content;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateFileException($"The state file {path} cannot be written: {failure.Message}");
        }
    }

    private FleetState Parse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, StateJson.Default.FleetState) ?? throw Damaged("it says null");
        }
        catch (JsonException failure)
        {
            throw Damaged(failure.LineNumber is null ? failure.Message : $"it stops making sense at {failure.Path ?? "its beginning"}, byte {failure.BytePositionInLine}");
        }
    }

    private StateFileException Damaged(string reason) =>
        new($"The state file {path} is damaged ({reason}); restore it, or delete it to start with a fresh fleet.");
}
