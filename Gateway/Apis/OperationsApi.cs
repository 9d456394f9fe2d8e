using DroneDelivery.Drones;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Sharing;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>What operators do: see what is stuck, and repair it.</summary>
internal static class OperationsApi
{
    private const int MaxNoteLength = 1_000;
    private const int MaxReplayText = 200;
    private const int DefaultReplays = 100;

    public static void MapOperations(this IEndpointRouteBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("Operations").RequireAuthorization(Policies.Operators);
        operations.MapGet("/deadletters", ListDeadLetters).WithSummary("Requests of which a step or an undo keeps failing, the longest waiting first.");
        operations.MapGet("/deadletters/{id}", Inspect).ProducesNotFound().WithSummary("A request with everything that went wrong with it.");
        operations.MapPost("/deadletters/{id}/replay", Replay).AcceptsJson<OperatorNoteBody>().ProducesNotFound().WithSummary("Lets it go on from where it stopped.");
        operations.MapPost("/deadletters/replay", ReplayMany).AcceptsJson<ReplayBody>().AcceptsIdempotencyKey()
            .WithSummary("Lets all dead letters that fit go on, the longest waiting first; says how many do and whether more are left.");
        operations.MapPost("/deadletters/{id}/abandon", Abandon).AcceptsJson<OperatorNoteBody>().ProducesNotFound().WithSummary("Gives it up; it becomes Failed.");
        operations.MapGet("/incidents", ListIncidents).WithSummary("Requests whose flight went wrong, or of which a drone reports what it should not, the longest waiting first.");
        operations.MapGet("/incidents/{id}", Inspect).ProducesNotFound().WithSummary("A request with everything that went wrong with it.");
        operations.MapPost("/incidents/{id}/resolve", Resolve).AcceptsJson<ResolutionBody>().ProducesNotFound()
            .WithSummary("Settles an incident: Continued, Completed (by hand) or Failed. Alarms of a request that is not in an incident are continued.");
        operations.MapGet("/subscriptions", ListSubscriptions).WithSummary("Webhooks and parts of sinks that were given up, fail, have missed events, or have events waiting; the worst first.");
        operations.MapPost("/sinks/{sink}/resume", ResumeSink).ProducesNotFound().WithSummary("Goes on with the parts of a sink that were given up.");
        operations.MapGet("/drones", FleetList.Get).WithSummary("The drones with their condition, by id.");
        operations.MapGet("/weatherholds", WeatherHolds.List).WithSummary("Where the weather keeps drones on the ground.");
        operations.MapPut("/weatherholds/{id}", WeatherHolds.Set).AcceptsJson<WeatherHoldBody>().ComparesConditionsWith(WeatherHolds.Shown)
            .WithSummary("Keeps drones from setting out, in a circle or everywhere, until a time; flights under way go on.");
        operations.MapDelete("/weatherholds/{id}", WeatherHolds.Lift).ComparesConditionsWith(WeatherHolds.Shown).ProducesNotFound().WithSummary("Lets drones fly again before that time.");
        operations.MapPut("/erasures/{id}", Erasures.Begin).ComparesConditionsWith(Erasures.Shown)
            .WithSummary("Erases what is stored of an owner and suspends the account; 409 while a delivery of it is open. Sums of the invoices stay.");
        operations.MapGet("/erasures/{id}", Erasures.Get).ProducesNotFound().WithSummary("How far the erasure of an owner's data is.");
        operations.MapGet("/drones/{id}", GetDrone).ProducesNotFound().WithSummary("A drone with its condition.");
        operations.MapPut("/drones/{id}/maintenance", SetMaintenance).AcceptsJson<MaintenanceBody>().ProducesNotFound()
            .WithSummary("Takes a drone out of service, or puts it back; a flight begun before is finished.");
        operations.MapPost("/drones/{id}/reset", ResetDrone).ProducesNotFound()
            .WithSummary("Has the next report of a drone believed, whatever its counters and position: for one whose reports are ignored.");
        operations.MapPost("/drones/{id}/keys", AddKey).AcceptsIdempotencyKey()
            .WithSummary("Gives a drone a key to sign in with, told this once; the key before stays good, older ones end.");
        operations.MapDelete("/drones/{id}/keys", RevokeKeys).ProducesNotFound().WithSummary("Makes all keys of a drone void, within five seconds.");
    }

    public static async Task<Results<Created<DroneKeyResource>, ConflictProblem, ValidationProblem>> AddKey(
        string id, IdempotencyKey? idempotency, HttpRequest request, ShareLinks links, DroneKeySecrets secrets, IGrainFactory grains)
    {
        if (idempotency?.Fault is { } fault) return fault;
        if (idempotency is not null && !links.AreAvailable) return new ConflictProblem("This service has no key from which it could make the same drone key again; leave Idempotency-Key out.");

        // A drone key is kept by nobody; the one that belongs to an Idempotency-Key is made again.
        var (key, text) = idempotency is null ? DroneKey.New(id, secrets) : DroneKey.Of(id, links.Derive($"drone-key\n{id}\n{idempotency.IdWithin("drone-key", id)}"), secrets);
        var drone = grains.GetGrain<IDroneGrain>(id);
        var result = await drone.AddKey(idempotency?.CommandOn("drone-key", id) ?? CommandId.New(), key.Hash);
        if (!result.Succeeded) return new ConflictProblem(result.Reason);
        if (idempotency is not null && !await drone.HasKey(key.Hash)) return new ConflictProblem("The key made for this Idempotency-Key is void by now; use another Idempotency-Key.");
        return TypedResults.Created(request.PathTo($"/api/operations/drones/{id}/keys"), new DroneKeyResource(id, text));
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> RevokeKeys(string id, IGrainFactory grains) =>
        Answer(await grains.GetGrain<IDroneGrain>(id).RevokeKeys(CommandId.New()));

    public static Task<Ok<FlaggedRequestResource[]>> ListDeadLetters(IGrainFactory grains) => List(RequestFlag.DeadLetter, grains);

    public static Task<Ok<FlaggedRequestResource[]>> ListIncidents(IGrainFactory grains) => List(RequestFlag.Incident, grains);

    public static async Task<Results<Ok<InspectedRequestResource>, NotFound>> Inspect(string id, IGrainFactory grains)
    {
        var grain = grains.GetGrain<IDeliveryRequestGrain>(id);
        if (await grain.Get(CallerAccount.Any) is not { } request) return TypedResults.NotFound();

        var notes = await grain.GetNotes();
        return TypedResults.Ok(InspectedRequestResource.Of(request, notes ?? []));
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> Replay(string id, JsonBody body, IGrainFactory grains) =>
        body.TryRead(ReadNote, out var note, out ValidationProblem? problem)
            ? Answer(await grains.GetGrain<IDeliveryRequestGrain>(id).Replay(CommandId.New(), note.Note))
            : problem;

    public static async Task<Results<Ok<ReplayResource>, ConflictProblem, UnprocessableProblem, ValidationProblem>> ReplayMany(
        IdempotencyKey? idempotency, JsonBody body, IGrainFactory grains)
    {
        if (idempotency?.Fault is { } fault) return fault;
        if (!body.TryRead(ReadReplay, out var replay, out ValidationProblem? problem)) return problem;

        var command = idempotency?.CommandOn("replay", "deadletters", body) ?? CommandId.New();
        var filter = new DeadLetterFilter(replay.Reason, replay.Step, replay.Before, replay.OwnerId, replay.Limit ?? DefaultReplays);
        var answer = await grains.GetGrain<IDeadLetterReplayGrain>(0).Replay(command, filter, replay.Note ?? "");
        if (answer.Result.Outcome == CommandOutcome.Exists) return IdempotencyKey.Reused();
        return answer.Result.Succeeded ? TypedResults.Ok(ReplayResource.Of(answer)) : new ConflictProblem(answer.Result.Reason);
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> Abandon(string id, JsonBody body, IGrainFactory grains) =>
        body.TryRead(ReadNote, out var note, out ValidationProblem? problem)
            ? Answer(await grains.GetGrain<IDeliveryRequestGrain>(id).Abandon(CommandId.New(), note.Note))
            : problem;

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> Resolve(string id, JsonBody body, IGrainFactory grains) =>
        body.TryRead(ReadResolution, out var resolution, out ValidationProblem? problem)
            ? Answer(await grains.GetGrain<IDeliveryRequestGrain>(id).Resolve(CommandId.New(), resolution.Resolution, resolution.Note))
            : problem;

    public static async Task<Results<Ok<DroneConditionResource>, NotFound>> GetDrone(string id, IGrainFactory grains) =>
        await grains.GetGrain<IDroneGrain>(id).Get() is { } drone ? TypedResults.Ok(DroneConditionResource.Of(drone)) : TypedResults.NotFound();

    public static async Task<Ok<SubscriptionResource[]>> ListSubscriptions(IGrainFactory grains) => TypedResults.Ok(
        (await Watched(grains))
            .Where(health => health.IsTroubled || health.Queued > 0)
            .OrderByDescending(health => health.Status == SubscriptionStatus.GivenUp).ThenByDescending(health => health.Queued).ThenBy(health => health.OwnerId).ThenBy(health => health.Id)
            .Select(SubscriptionResource.Of).ToArray());

    public static async Task<Results<NoContent, NotFound>> ResumeSink(string sink, IGrainFactory grains)
    {
        var parts = (await Watched(grains)).Where(health => health.OwnerId.Length == 0 && health.Id.Split('.')[0] == sink).ToList();
        await Task.WhenAll(parts.Select(part => grains.GetGrain<ISubscriptionGrain>($"/{part.Id}").Resume(CommandId.New())));
        return parts.Count > 0 ? TypedResults.NoContent() : TypedResults.NotFound();
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> SetMaintenance(string id, JsonBody body, IGrainFactory grains)
    {
        if (!body.TryRead(ReadMaintenance, out var maintenance, out ValidationProblem? problem)) return problem;
        var reason = maintenance.InMaintenance ? maintenance.Reason ?? "" : null;
        return Answer(await grains.GetGrain<IDroneGrain>(id).SetMaintenance(CommandId.New(), reason));
    }

    public static async Task<Results<NoContent, NotFound, ConflictProblem, ValidationProblem>> ResetDrone(string id, IGrainFactory grains) =>
        Answer(await grains.GetGrain<IDroneGrain>(id).Reset(CommandId.New()));

    private static async Task<IEnumerable<SubscriptionHealth>> Watched(IGrainFactory grains) =>
        (await Task.WhenAll(Enumerable.Range(0, SubscriptionShards.Count).Select(shard => grains.GetGrain<ISubscriptionWatchGrain>(shard).List().AsTask()))).SelectMany(shard => shard);

    private static async Task<Ok<FlaggedRequestResource[]>> List(RequestFlag flag, IGrainFactory grains)
    {
        var shards = await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count).Select(shard => grains.GetGrain<ISupervisorGrain>(shard).ListFlagged(flag).AsTask()));
        return TypedResults.Ok(shards.SelectMany(shard => shard).OrderBy(request => request.Since).Select(FlaggedRequestResource.Of).ToArray());
    }

    private static Results<NoContent, NotFound, ConflictProblem, ValidationProblem> Answer(CommandResult result) => result.Outcome switch
    {
        CommandOutcome.NotFound => TypedResults.NotFound(),
        CommandOutcome.Done or CommandOutcome.Created => TypedResults.NoContent(),
        _ => new ConflictProblem(result.Reason),
    };

    private static OperatorNoteBody ReadNote(JsonFields body) => new(body.Text("note", MaxNoteLength) ?? "");

    private static ReplayBody ReadReplay(JsonFields body) => new(
        body.Text("reason", MaxReplayText), body.Text("step", MaxReplayText), body.Time("before"), body.Id("ownerId"),
        (int?)body.Whole("limit", 1, DeadLetterFilter.MaxLimit), body.Text("note", MaxNoteLength));

    private static ResolutionBody ReadResolution(JsonFields body) =>
        new(body.RequiredChoice<IncidentResolution>("resolution"), body.Text("note", MaxNoteLength) ?? "");

    private static MaintenanceBody ReadMaintenance(JsonFields body)
    {
        if (!body.Has("inMaintenance")) body.Missing("inMaintenance");
        return new MaintenanceBody(body.Flag("inMaintenance") ?? false, body.Text("reason", MaxNoteLength));
    }
}
