using DroneDelivery.Gateway.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// A client's name for one creation. Ids are made of it, of the owner and of a secret, so every gateway and every repetition means the same thing, and
/// that thing's own document is the record of the key; the command's id is made of the body, so that document knows whether the body is the same.
/// </summary>
internal sealed class IdempotencyKey
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;
    private const string Rule = "must be one text of 1 to 255 printable ASCII characters, such as a UUID";

    private readonly string? _value;
    private readonly IdempotencySecrets _secrets;

    private IdempotencyKey(string? value, IdempotencySecrets secrets) => (_value, _secrets) = (value, secrets);

    /// <summary>What is wrong with the key, if anything.</summary>
    public ValidationProblem? Fault => _value is null ? Problem.Validation(Header, Rule) : null;

    /// <summary>Binds the header; null when there is none.</summary>
    public static ValueTask<IdempotencyKey?> BindAsync(HttpContext context)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0) return ValueTask.FromResult<IdempotencyKey?>(null);

        // The standard writes a quoted string; most clients write it bare.
        string? value = values.Count == 1 ? values[0]!.Trim() : "";
        if (value is ['"', .., '"']) value = value[1..^1];
        if (value.Length is 0 or > MaxLength || value.Any(c => c is < ' ' or > '~')) value = null;
        return ValueTask.FromResult<IdempotencyKey?>(new(value, context.RequestServices.GetRequiredService<IdempotencySecrets>()));
    }

    /// <summary>
    /// Which secret makes the ids of this key: the one under which the owner's thing is there already, else the current one. What others put where the
    /// owner's might have been does not count.
    /// </summary>
    /// <param name="kind">What is made.</param>
    /// <param name="ownerId">For whom.</param>
    /// <param name="ownerOf">Whose thing has this id; null when there is none.</param>
    public async Task<IdempotencyScheme> SchemeOf(string kind, string ownerId, Func<string, Task<string?>> ownerOf)
    {
        var owners = await Task.WhenAll(_secrets.Others.Select(scheme => ownerOf(Id(kind, ownerId, scheme))));
        var found = Array.IndexOf(owners, ownerId);
        return found < 0 ? _secrets.Current : _secrets.Others[found];
    }

    /// <summary>The id of what is made for this owner, where nobody else can put a thing of his choice.</summary>
    public string Id(string kind, string ownerId, IdempotencyScheme scheme) => scheme.Id(kind, ownerId, _value!);

    /// <summary>The id of what is made within a thing, where none but those who may change it come.</summary>
    public string IdWithin(string kind, string thing) => Id(kind, thing, IdempotencyScheme.Earlier);

    /// <summary>The id of the command that makes it from this body.</summary>
    public static CommandId Command(JsonBody body) => new($"body-{body.Fingerprint()}");

    /// <summary>The id of a command that makes something of a thing that exists: the grain of that thing remembers it for two days.</summary>
    /// <param name="kind">What is made.</param>
    /// <param name="thing">Id of the thing.</param>
    /// <param name="body">What is sent; null when the route takes nothing.</param>
    public CommandId CommandOn(string kind, string thing, JsonBody? body = null) => CommandId.OfKey(IdWithin(kind, thing), body?.Fingerprint() ?? "nothing");

    /// <summary>The answer when the key made something from another body.</summary>
    public static UnprocessableProblem Reused() =>
        new("This Idempotency-Key was used with another body; use a key once, and again only to repeat the same request.");
}

/// <summary>Says of a route that it takes the header.</summary>
internal sealed class AcceptsIdempotencyKeyMetadata;

/// <summary>Routes that take the header say so in the document.</summary>
internal static class IdempotencyKeyExtensions
{
    /// <summary>Documents the header.</summary>
    public static RouteHandlerBuilder AcceptsIdempotencyKey(this RouteHandlerBuilder route) => route.WithMetadata(new AcceptsIdempotencyKeyMetadata()).AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = IdempotencyKey.Header,
            In = ParameterLocation.Header,
            Description = "Names this one creation. The same key and body again, at once or a day later, make nothing new and get the same answer; with another body: 422. What was refused was not made: the key is free again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
        });
        return Task.CompletedTask;
    });
}
