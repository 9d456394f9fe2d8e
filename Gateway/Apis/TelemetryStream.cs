using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Apis;

/// <summary>
/// Many reports in one request, one JSON object a line. Lines are taken in as they arrive, a bounded number at a time, and
/// answered in their order; neither the request nor the answer is ever held as a whole.
/// </summary>
internal sealed partial class TelemetryStream
{
    /// <summary>Newline-delimited JSON.</summary>
    public const string ContentType = "application/x-ndjson";

    /// <summary>Longest line, bytes; a longer one is answered with an error and skipped.</summary>
    public const int MaxLineLength = 16 * 1024;

    /// <summary>Longest request, bytes.</summary>
    public const long MaxBodyLength = 64 * 1024 * 1024;

    private const int MaxInFlight = 64;

    // Timers count in milliseconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(1);

    private readonly Caller _caller;
    private readonly IGrainFactory _grains;
    private readonly ILogger<TelemetryStream> _logger;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly JsonTypeInfo<TelemetryLine> _answerType;
    private readonly JsonTypeInfo<TelemetryLineError> _errorType;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Channel<Task<Answer>> _inFlight = Channel.CreateBounded<Task<Answer>>(
        new BoundedChannelOptions(MaxInFlight) { SingleReader = true, SingleWriter = true });

    // Reports of one drone are sent one after the other: overtaken ones would count as superseded.
    private readonly Dictionary<string, Task> _lastOfDrone = [];

    // When a report was last taken in; else the beginning.
    private long _lastReport;

    private TelemetryStream(
        Caller caller, IGrainFactory grains, ILogger<TelemetryStream> logger, PipeReader input, PipeWriter output, JsonSerializerOptions json, TimeSpan patience, TimeProvider time)
    {
        (_patience, _time, _lastReport) = (patience, time, time.GetTimestamp());
        (_caller, _grains, _logger, _input, _output) = (caller, grains, logger, input, output);
        _answerType = (JsonTypeInfo<TelemetryLine>)json.GetTypeInfo(typeof(TelemetryLine));
        _errorType = (JsonTypeInfo<TelemetryLineError>)json.GetTypeInfo(typeof(TelemetryLineError));
    }

    /// <summary>Handles <c>POST /api/drones/telemetry</c>.</summary>
    public static async Task Report(
        HttpContext context, Caller caller, IGrainFactory grains, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, IOptions<RateLimitOptions> limits, TimeProvider time,
        ILogger<TelemetryStream> logger)
    {
        context.Response.ContentType = ContentType;
        var stream = new TelemetryStream(
            caller, grains, logger, context.Request.BodyReader, context.Response.BodyWriter, json.Value.SerializerOptions, limits.Value.ReportTimeout, time);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await Task.WhenAll(stream.WriteAnswers(failed), stream.ReadLines(failed.Token));
    }

    private async Task ReadLines(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            long number = 0;
            var skipping = false;
            await using var late = _time.CreateTimer(_ => _input.CancelPendingRead(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            while (true)
            {
                // A read may be cancelled late, for the wait before: only the clock decides.
                var rest = _patience - _time.GetElapsedTime(_lastReport);
                if (rest <= TimeSpan.Zero)
                {
                    await Refuse(number + 1, Problem.Details(StatusCodes.Status408RequestTimeout, $"No report came for {_patience.TotalSeconds:0.#} s."), cancellationToken);
                    return;
                }

                late.Change(rest + Rounding, Timeout.InfiniteTimeSpan);
                var read = await _input.ReadAsync(cancellationToken);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (!skipping) await Take(++number, buffer.Slice(0, end), cancellationToken);
                    skipping = false;
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (!skipping && buffer.Length > MaxLineLength)
                {
                    await Take(++number, buffer, cancellationToken);
                    skipping = true;
                }

                if (skipping) buffer = buffer.Slice(buffer.End);
                if (read.IsCompleted)
                {
                    if (!skipping) await Take(++number, buffer, cancellationToken);
                    _input.AdvanceTo(read.Buffer.End);
                    return;
                }

                _input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            failure = RequestBody.Unreadable(exception);
            throw failure;
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            _inFlight.Writer.TryComplete(failure);
        }
    }

    private ValueTask Take(long number, ReadOnlySequence<byte> line, CancellationToken cancellationToken)
    {
        if (line.Length > MaxLineLength)
            return Refused(new Dictionary<string, string[]> { ["body"] = [$"must not be longer than {MaxLineLength} bytes"] });
        ReadOnlyMemory<byte> json = line.ToArray();
        if (number == 1) json = JsonBody.WithoutMark(json);
        if (IsBlank(json.Span)) return ValueTask.CompletedTask;

        var body = JsonBody.Parse(json);
        return body.TryRead(DroneInput.ReadLine, out var report, out IDictionary<string, string[]>? errors) ? Accepted(report) : Refused(errors);

        async ValueTask Accepted(DroneInput.LineInput report)
        {
            await _inFlight.Writer.WriteAsync(SendInOrder(number, report), cancellationToken);
            _lastReport = _time.GetTimestamp();
        }

        ValueTask Refused(IDictionary<string, string[]> errors)
        {
            var problem = Problem.Details(StatusCodes.Status400BadRequest);
            problem.Extensions["errors"] = errors;
            return Refuse(number, problem, cancellationToken);
        }
    }

    private ValueTask Refuse(long number, ProblemDetails problem, CancellationToken cancellationToken) =>
        _inFlight.Writer.WriteAsync(Task.FromResult(new Answer(null, new TelemetryLineError(number, problem))), cancellationToken);

    private Task<Answer> SendInOrder(long number, DroneInput.LineInput line)
    {
        if (_lastOfDrone.Count > 2 * MaxInFlight)
        {
            foreach (var (drone, task) in _lastOfDrone)
            {
                if (task.IsCompleted) _lastOfDrone.Remove(drone);
            }
        }

        var sending = _lastOfDrone.TryGetValue(line.DroneId, out var last) && !last.IsCompleted ? After(last) : Send(number, line);
        _lastOfDrone[line.DroneId] = sending;
        return sending;

        async Task<Answer> After(Task earlier)
        {
            await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await Send(number, line);
        }
    }

    private async Task<Answer> Send(long number, DroneInput.LineInput line)
    {
        try
        {
            // Somebody else's drone is answered like one that does not exist.
            var answer = _caller.MayActAs(line.DroneId)
                ? await _grains.GetGrain<IDroneGrain>(line.DroneId).Report(line.Report)
                : new TelemetryAnswer(TelemetryOutcome.UnknownDrone, null);
            return new Answer(new TelemetryLine(number, line.DroneId, answer.Outcome, MissionResource.Of(answer.Mission), answer.Doubt), null);
        }
        catch (Exception exception) when (TransientFaults.IsTransient(exception))
        {
            return new Answer(null, new TelemetryLineError(number, Problem.Details(StatusCodes.Status503ServiceUnavailable, "Send the report again.")));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(_logger, exception, line.DroneId);
            return new Answer(null, new TelemetryLineError(number, Problem.Details(StatusCodes.Status500InternalServerError)));
        }
    }

    private async Task WriteAnswers(CancellationTokenSource failed)
    {
        try
        {
            await foreach (var pending in _inFlight.Reader.ReadAllAsync(failed.Token))
            {
                // What is written so far goes out before a wait.
                if (!pending.IsCompleted && _output.UnflushedBytes > 0) await _output.FlushAsync(failed.Token);
                Write(await pending);
                if (_output.UnflushedBytes > MaxLineLength || !_inFlight.Reader.TryPeek(out _)) await _output.FlushAsync(failed.Token);
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    private void Write(Answer answer)
    {
        using (var json = new Utf8JsonWriter(_output))
        {
            if (answer.Line is { } line) JsonSerializer.Serialize(json, line, _answerType);
            else JsonSerializer.Serialize(json, answer.Error!, _errorType);
        }

        _output.Write("\n"u8);
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    [LoggerMessage(LogLevel.Error, "The report of drone {DroneId} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string droneId);

    private readonly record struct Answer(TelemetryLine? Line, TelemetryLineError? Error);
}
