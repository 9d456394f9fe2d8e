using Microsoft.Extensions.Logging;

namespace DroneDelivery.Notifications;

/// <summary>
/// Sending: the oldest first, several deliveries at once, of each delivery one after the other. While nothing is taken, one request at a
/// time asks whether the receiver is back, ever more rarely.
/// </summary>
internal sealed partial class SubscriptionGrain
{
    private IEventChannel? Channel => IsSink ? _channels.Sink(SubscriptionKey.Split(Key).Id.Split('.')[0]) : _channels.Webhooks;

    private void SendSoon() => Schedule(TimeSpan.Zero);

    private void Schedule(TimeSpan due)
    {
        if (_state.Queue.Count == 0 && _unsavedSince is null) return;
        if (_timer is null) _timer = this.RegisterGrainTimer(SendDue, new GrainTimerCreationOptions(due, Forever) { Interleave = true, KeepAlive = true });
        else _timer.Change(due, Forever);
    }

    private async Task SendDue(CancellationToken cancellationToken)
    {
        if (_lost) return;
        var now = _time.GetUtcNow();
        while (Next(now) is { Count: > 0 } batch)
        {
            _requests++;
            foreach (var notice in batch) _underWay.Add(notice.DeliveryId);
            _ = Send(batch);
        }

        await SaveIfDue();
        if (_requests > 0) return; // The answer goes on.
        if (_state.Queue.Count == 0 && _unsavedSince is null)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        Schedule(Wait(now));
    }

    /// <summary>What to send now, or null.</summary>
    private List<DeliveryNotice>? Next(DateTimeOffset now)
    {
        if (_state.Status != SubscriptionStatus.Active || Channel is not { } channel) return null;
        if (_pausedUntil > now || _requests >= (_failures > 0 ? 1 : channel.Concurrency)) return null;

        var batch = new List<DeliveryNotice>();
        var held = new HashSet<string>();
        foreach (var (notice, _) in _state.Queue)
        {
            if (_underWay.Contains(notice.DeliveryId) || held.Contains(notice.DeliveryId)) continue;
            if (_setbacks.GetValueOrDefault(notice.DeliveryId)?.RetryAt > now) held.Add(notice.DeliveryId);
            else batch.Add(notice);
            if (batch.Count >= channel.BatchSize) break;
        }

        return batch.Count > 0 ? batch : null;
    }

    private TimeSpan Wait(DateTimeOffset now)
    {
        if (_state.Status != SubscriptionStatus.Active || Channel is null) return _unsavedSince is null ? Forever : _options.SaveInterval;
        var next = _setbacks.Values.Select(setback => setback.RetryAt).Append(now + _options.SaveInterval).Min();
        if (_pausedUntil > next) next = _pausedUntil;
        return next > now ? next - now : TimeSpan.Zero;
    }

    private async Task Send(List<DeliveryNotice> batch)
    {
        var result = await Try(batch);
        var now = _time.GetUtcNow();
        _requests--;
        foreach (var notice in batch) _underWay.Remove(notice.DeliveryId);
        if (_stopping.IsCancellationRequested) return;

        var before = _state;
        if (result.Delivered)
        {
            (_failures, _pausedUntil) = (0, default);
            foreach (var notice in batch) _setbacks.Remove(notice.DeliveryId);
            _state = _state.WithDelivered(batch, now);
        }
        else
        {
            _failures++;
            var pause = Delay(_failures);
            if (result.RetryAfter > pause) pause = result.RetryAfter < _options.LastRetry ? result.RetryAfter.Value : _options.LastRetry;
            _pausedUntil = now + pause;
            foreach (var id in batch.Select(notice => notice.DeliveryId).Distinct())
            {
                var failures = (_setbacks.GetValueOrDefault(id)?.Failures ?? 0) + 1;
                _setbacks[id] = new(failures, now + Delay(failures));
            }

            _state = _state.WithFailure(batch, result.Reason ?? "No reason is known.", result.Gone, now, _options.GiveUpAfter);
            foreach (var id in _setbacks.Keys.Except(_state.Queue.Select(entry => entry.Notice.DeliveryId)).ToList()) _setbacks.Remove(id);
        }

        _unsavedSince ??= now;
        await Settle(before);
        SendSoon();
    }

    /// <summary>Stores and tells what others should know of.</summary>
    private async Task Settle(SubscriptionState before)
    {
        try
        {
            if (_state.Status != before.Status) LogGivenUp(Key, _state.LastFailure);
            if (_state.Abandoned != before.Abandoned) LogAbandoned(Key, _state.LastFailure);
            var grave = _state.Status != before.Status || _state.Abandoned != before.Abandoned;
            if (grave) await _commit.Commit();
            if (grave || (_state.FailingSince is null) != (before.FailingSince is null)) await Tell();
        }
        catch (Exception failure)
        {
            LogNotStored(failure, Key); // The activation ends; its successor begins from what is stored.
        }
    }

    private async Task<SendResult> Try(List<DeliveryNotice> batch)
    {
        try
        {
            return await Send(Channel!, batch);
        }
        catch (Exception failure)
        {
            if (!_stopping.IsCancellationRequested) LogNotSent(failure, Key);
            return SendResult.Failed("The event could not be sent.");
        }
    }

    /// <summary>Opens the secrets for the channel, which signs with them. A former one that cannot be opened is left out; the present one is needed.</summary>
    private async Task<SendResult> Send(IEventChannel channel, IReadOnlyList<DeliveryNotice> notices)
    {
        List<SigningSecret> secrets = [];
        foreach (var secret in _state.Secrets)
        {
            if (Open(secret) is { } value) secrets.Add(secret with { Value = value });
            else if (secret.Until is null) return SendResult.Failed("Its secret cannot be read. Rotate it, or ask the operators.");
        }

        return await channel.Send(_state with { Secrets = secrets }, notices, _stopping.Token);
    }

    /// <summary>A secret as its receiver knows it; null when it cannot be read.</summary>
    private string? Open(SigningSecret secret)
    {
        try
        {
            return _seal.Open(secret.Value, Key);
        }
        catch (SealedSecretException failure)
        {
            LogNotOpened(Key, failure.Message);
            return null;
        }
    }

    private TimeSpan Delay(int failures) => Retry.Delay(this.GetGrainId(), failures, _options.FirstRetry, _options.LastRetry);

    private sealed record Setback(int Failures, DateTimeOffset RetryAt);

    [LoggerMessage(LogLevel.Error, "The queue of subscription {Subscription} is full with {Count} events of {Bytes} bytes; what comes is counted and not kept.")]
    private partial void LogFull(string subscription, int count, int bytes);

    [LoggerMessage(LogLevel.Error, "Subscription {Subscription} is given up until somebody resumes it: {Reason}")]
    private partial void LogGivenUp(string subscription, string? reason);

    [LoggerMessage(LogLevel.Error, "Subscription {Subscription} takes other events but not this one, which is given up: {Reason}")]
    private partial void LogAbandoned(string subscription, string? reason);

    [LoggerMessage(LogLevel.Warning, "What became of subscription {Subscription} could not be stored.")]
    private partial void LogNotStored(Exception failure, string subscription);

    [LoggerMessage(LogLevel.Error, "A secret of subscription {Subscription} cannot be read: {Reason}")]
    private partial void LogNotOpened(string subscription, string reason);

    [LoggerMessage(LogLevel.Warning, "An event for subscription {Subscription} could not be sent.")]
    private partial void LogNotSent(Exception failure, string subscription);
}
