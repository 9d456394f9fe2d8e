using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Resources;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DroneDelivery.Gateway.Apis;

/// <summary>Where an owner's events are sent.</summary>
internal static class WebhooksApi
{
    private const string SecretIsLost = "The webhook is there, but the secret made then was replaced or cannot be read any more; rotate it.";

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Webhooks").RequireAuthorization(Policies.Deliveries).AddEndpointFilter(Ownership.OfAccount);
        webhooks.MapPost("", Create).AcceptsJson<WebhookBody>().AcceptsIdempotencyKey()
            .WithSummary("Makes a webhook; the answer is the only one that shows the secret that signs its events.");
        webhooks.MapGet("", List).WithSummary("The owner's webhooks, oldest first.");
        webhooks.MapGet("/{webhookId}", Get).ProducesNotFound().WithSummary("A webhook: what waits for it, and why it fails if it does.");
        webhooks.MapPut("/{webhookId}", Put).AcceptsJson<WebhookBody>().DecidesConditionsIn(Target).ProducesNotFound().WithSummary("Sets everything of a webhook; what is left out takes its default.");
        webhooks.MapPatch("/{webhookId}", Patch).AcceptsJson<WebhookBody>().DecidesConditionsIn(Target).ProducesNotFound().WithSummary("Changes what is given.");
        webhooks.MapDelete("/{webhookId}", Delete).ComparesConditionsWith(Shown).ProducesNotFound().WithSummary("Forgets a webhook and what waits for it.");
        webhooks.MapPost("/{webhookId}/rotate", Rotate).AcceptsJson<RotationBody>().AcceptsIdempotencyKey().ProducesNotFound()
            .WithSummary("Makes a new secret and shows it once; for a while events are signed with the old one too.");
        webhooks.MapPost("/{webhookId}/resume", Resume).ProducesNotFound().WithSummary("Goes on with one that was given up, from what waits for it.");
        webhooks.MapPost("/{webhookId}/test", Test).ProducesNotFound().WithSummary("Sends a test event at once and says what became of it.");
    }

    public static async Task<Results<Created<WebhookResource>, ConflictProblem, UnprocessableProblem, ValidationProblem>> Create(
        [AsParameters] WebhookOwner parameters, JsonBody body, IdempotencyKey? key, HttpRequest request, IGrainFactory grains, WebhookRules rules)
    {
        if (!parameters.TryRead(out var owner, out var problem) || !body.TryRead(rules.ReadWhole, out var wanted, out problem)) return problem;
        if (key?.Fault is { } fault) return fault;

        // All exist before the first attempt, so that every repetition means the same webhook; of repetitions by key the first secret counts.
        var (id, secret) = (key?.IdWithin("webhook", owner) ?? Guid.CreateVersion7().ToString("N"), WebhookRules.NewSecret());
        var command = key?.CommandOn("webhook", owner, body) ?? CommandId.New();
        var added = await grains.GetGrain<IOwnerNotificationsGrain>(owner).AddWebhook(command, id, wanted.Settings, secret, wanted.Paused);
        if (added.Outcome == CommandOutcome.Exists) return IdempotencyKey.Reused();
        if (!added.Succeeded || await Find(grains, owner, id) is not { } webhook) return new ConflictProblem(added.Reason);
        if ((key is null ? secret : await Webhook(grains, owner, id).GetSecret(command)) is not { } known) return new ConflictProblem(SecretIsLost);
        return TypedResults.Created(
            request.PathTo($"/api/webhooks/{id}?ownerId={Uri.EscapeDataString(owner)}"), WebhookResource.New(owner, id, wanted.Settings, wanted.Paused, webhook.CreatedAt) with { Secret = known });
    }

    public static async Task<Results<Ok<WebhookResource[]>, ValidationProblem>> List([AsParameters] WebhookOwner parameters, IGrainFactory grains)
    {
        if (!parameters.TryRead(out var owner, out var problem)) return problem;
        var ids = await grains.GetGrain<IOwnerNotificationsGrain>(owner).ListWebhooks();
        var webhooks = await Task.WhenAll(ids.Select(id => Find(grains, owner, id)));
        return TypedResults.Ok(webhooks.OfType<SubscriptionSnapshot>().Select(WebhookResource.Of).ToArray());
    }

    public static async Task<Results<Ok<WebhookResource>, NotFound, ValidationProblem>> Get(string webhookId, [AsParameters] WebhookOwner parameters, IGrainFactory grains) =>
        parameters.TryRead(out var owner, out var problem) ? await Show(grains, owner, webhookId) : problem;

    public static async Task<Results<Ok<WebhookResource>, NotFound, ConflictProblem, ValidationProblem>> Put(
        string webhookId, [AsParameters] WebhookOwner parameters, JsonBody body, IGrainFactory grains, WebhookRules rules)
    {
        if (!parameters.TryRead(out var owner, out var problem) || !body.TryRead(rules.ReadWhole, out var wanted, out problem)) return problem;
        return await Change(grains, owner, webhookId, webhook => webhook.Change(
            CommandId.New(), new WebhookChange(wanted.Settings.Url, wanted.Settings.Kinds, wanted.Settings.Description ?? "", wanted.Paused)));
    }

    public static async Task<Results<Ok<WebhookResource>, NotFound, ConflictProblem, ValidationProblem>> Patch(
        string webhookId, [AsParameters] WebhookOwner parameters, JsonBody body, IGrainFactory grains, WebhookRules rules)
    {
        if (!parameters.TryRead(out var owner, out var problem) || !body.TryRead(rules.ReadChange, out var change, out problem)) return problem;
        return await Change(grains, owner, webhookId, webhook => webhook.Change(CommandId.New(), change));
    }

    public static async Task<Results<NoContent, NotFound, ValidationProblem>> Delete(string webhookId, [AsParameters] WebhookOwner parameters, IGrainFactory grains)
    {
        if (!parameters.TryRead(out var owner, out var problem)) return problem;
        return (await grains.GetGrain<IOwnerNotificationsGrain>(owner).RemoveWebhook(webhookId, CommandId.New())).Succeeded ? TypedResults.NoContent() : TypedResults.NotFound();
    }

    public static async Task<Results<Ok<WebhookResource>, NotFound, ConflictProblem, UnprocessableProblem, ValidationProblem>> Rotate(
        string webhookId, [AsParameters] WebhookOwner parameters, JsonBody body, IdempotencyKey? key, IGrainFactory grains, TimeProvider time)
    {
        if (!parameters.TryRead(out var owner, out var problem) || !body.TryRead(WebhookRules.ReadRotation, out var rotation, out problem)) return problem;
        if (key?.Fault is { } fault) return fault;
        var (grain, command) = (Webhook(grains, owner, webhookId), key?.CommandOn("secret", webhookId, body) ?? CommandId.New());
        var until = time.GetUtcNow().AddHours(rotation.OldSecretHours);
        var result = await grain.Rotate(command, WebhookRules.NewSecret(), until);
        if (result.Outcome == CommandOutcome.Exists) return IdempotencyKey.Reused();
        if (result.Outcome == CommandOutcome.NotFound || await grain.Get() is not { } webhook) return TypedResults.NotFound();
        if (!result.Succeeded) return new ConflictProblem(result.Reason);
        return await grain.GetSecret(command) is { } secret ? TypedResults.Ok(WebhookResource.Of(webhook) with { Secret = secret }) : new ConflictProblem(SecretIsLost);
    }

    public static async Task<Results<Ok<WebhookResource>, NotFound, ConflictProblem, ValidationProblem>> Resume(
        string webhookId, [AsParameters] WebhookOwner parameters, IGrainFactory grains) =>
        parameters.TryRead(out var owner, out var problem) ? await Change(grains, owner, webhookId, webhook => webhook.Resume(CommandId.New())) : problem;

    public static async Task<Results<Ok<WebhookTestResource>, NotFound, ValidationProblem>> Test(
        string webhookId, [AsParameters] WebhookOwner parameters, IGrainFactory grains)
    {
        if (!parameters.TryRead(out var owner, out var problem)) return problem;
        return await Webhook(grains, owner, webhookId).Test() is { } test
            ? TypedResults.Ok(new WebhookTestResource(test.Delivered, test.Reason))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Ok<WebhookResource>, NotFound, ConflictProblem, ValidationProblem>> Change(
        IGrainFactory grains, string owner, string id, Func<ISubscriptionGrain, Task<CommandResult>> change)
    {
        var result = await change(Webhook(grains, owner, id));
        if (result.Outcome == CommandOutcome.NotFound || await Find(grains, owner, id) is not { } webhook) return TypedResults.NotFound();
        return result.Succeeded ? TypedResults.Ok(WebhookResource.Of(webhook)) : new ConflictProblem(result);
    }

    // A caller without an account that names none is told so before anything is changed.
    private static ISubscriptionGrain Target(IGrainFactory grains, HttpRequest request) =>
        Webhook(grains, new WebhookOwner(request.Query["ownerId"], request.HttpContext).TryRead(out var owner, out _) ? owner : "", request.Id("webhookId"));

    private static async Task<object?> Shown(IGrainFactory grains, HttpRequest request) =>
        await Target(grains, request).Get() is { } webhook ? WebhookResource.Of(webhook) : null;

    private static async Task<Results<Ok<WebhookResource>, NotFound, ValidationProblem>> Show(IGrainFactory grains, string owner, string id) =>
        await Find(grains, owner, id) is { } webhook ? TypedResults.Ok(WebhookResource.Of(webhook)) : TypedResults.NotFound();

    private static Task<SubscriptionSnapshot?> Find(IGrainFactory grains, string owner, string id) => Webhook(grains, owner, id).Get().AsTask();

    private static ISubscriptionGrain Webhook(IGrainFactory grains, string owner, string id) =>
        grains.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook(owner, id));
}
