using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace DroneDelivery.CosmosSimulator.Journal;

/// <summary>
/// An append-only file of records, a line each: checksum, space, JSON. A record is in the hands of the operating system when
/// <see cref="Append"/> returns, so that it outlives the process; a power failure may cost the last ones.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const int ChecksumLength = 8;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private long _end;
    private bool _broken;

    private JournalFile(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    /// <summary>Opens or creates a file and reads what is in it. A last record that was cut off is dropped: nobody was told of it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="replay">Takes each record.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JournalException">It cannot be opened, another process uses it, or it is damaged.</exception>
    public static async Task<JournalFile> OpenAsync(string path, Action<JsonElement> replay, CancellationToken cancellationToken)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var journal = new JournalFile(path, handle);
            try
            {
                journal._end = await journal.ReadAsync(replay, cancellationToken);
                if (journal._end < RandomAccess.GetLength(handle)) RandomAccess.SetLength(handle, journal._end);
                return journal;
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"The data file {path} cannot be opened: {failure.Message}");
        }
    }

    /// <summary>Adds a record.</summary>
    /// <param name="write">Writes its JSON.</param>
    /// <exception cref="JournalException">It cannot be written; then the file is as before.</exception>
    public void Append(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        buffer.Advance(buffer.GetSpan(ChecksumLength + 1)[..(ChecksumLength + 1)].Length);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) write(writer);
        buffer.Write("\n"u8);

        var record = MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
        Encoding.ASCII.GetBytes(Checksum(record[(ChecksumLength + 1)..^1]), record);
        record[ChecksumLength] = (byte)' ';
        lock (_gate)
        {
            if (_broken) throw new JournalException($"The data file {_path} could not be written before; restart the simulator.");
            try
            {
                RandomAccess.Write(_handle, record, _end);
                _end += record.Length;
            }
            catch (IOException failure)
            {
                // Half a record in the middle would make the file unreadable.
                _broken = true;
                RandomAccess.SetLength(_handle, _end);
                _broken = false;
                throw new JournalException($"The data file {_path} cannot be written: {failure.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string Checksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = 0;
        foreach (var value in bytes) checksum = BitOperations.Crc32C(checksum, value);
        return checksum.ToString("x8", CultureInfo.InvariantCulture);
    }

    /// <returns>Where the last whole record ends.</returns>
    private async Task<long> ReadAsync(Action<JsonElement> replay, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(new SafeFileHandle(_handle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        long good = 0;
        long? bad = null;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                // A bad record is a torn one only when it is the last.
                if (bad is not null) throw new JournalException($"The data file {_path} is damaged at byte {bad}; restore it, or delete it to start with nothing.");
                var line = rest.Slice(0, end).ToArray();
                if (Parse(line) is { } record)
                {
                    replay(record);
                    good += line.Length + 1;
                }
                else
                {
                    bad = good;
                }

                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted) break;
            reader.AdvanceTo(rest.Start, rest.End);
        }

        await reader.CompleteAsync();
        return good;
    }

    private static JsonElement? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length < ChecksumLength + 2 || line[ChecksumLength] != ' ') return null;
        var json = line[(ChecksumLength + 1)..];
        return Encoding.ASCII.GetString(line[..ChecksumLength]) == Checksum(json) ? JsonElement.Parse(json) : null;
    }
}
