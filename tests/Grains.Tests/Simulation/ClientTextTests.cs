using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Apis;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Simulation;

/// <summary>
/// Sends the longest text that the gateway takes in every field, in letters that take many bytes, as often as the limits allow, through the gateway's own
/// reading into the real grains; no document becomes too large to be stored.
/// </summary>
public sealed class ClientTextTests
{
    private const int Most = 1_000_000;

    private static readonly WebhookRules Webhooks = new(new ConfigurationBuilder().Build());

    private readonly ScriptedCluster _cluster = new();

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("😀")]
    [InlineData("\u0001")]
    [InlineData("x")]
    [Trait("Category", "Slow")]
    public void Longest_texts_of_any_other_letter_fit_too(string letter) => Longest_texts_that_the_gateway_takes_fit_into_every_document(letter);

    [Theory]
    [InlineData("漢")]
    public void Longest_texts_that_the_gateway_takes_fit_into_every_document(string letter)
    {
        _cluster.Cluster.Notifications.QueueCapacity = 2_000;
        _cluster.Cluster.Receivers.Down = _ => true;
        var owner = new string('o', 128);
        var order = LongestOrder(letter, owner);
        var settings = Read<WholeWebhook>(Webhooks.ReadWhole, Webhook(letter)).Settings;
        for (var number = 0; number < 3; number++) _cluster.Do(_cluster.Grains.GetGrain<IOwnerNotificationsGrain>(owner).AddWebhook(_cluster.Command(), $"webhook-{number}", settings, "whsec_1"));

        OrderAndChange(order);
        DeadLetterAndReplay(order, Note(letter));
        FetchAndNotify(order, letter);
        Others(order, letter);

        Assert.All(_cluster.Cluster.Stores.Documents, document => Assert.True(document.Value.Json.Length <= Most, $"{document.Key} has {document.Value.Json.Length} bytes."));
        Assert.Contains(_cluster.Cluster.Stores.Documents.Values, document => document.Json.Length > 100_000);
    }

    private static DeliveryOrder LongestOrder(string letter, string owner)
    {
        JsonObject Body(string pickup, string dropoff, string deadline, string tag) => new()
        {
            ["ownerId"] = owner,
            ["pickupLocation"] = pickup,
            ["dropOffLocation"] = dropoff,
            ["deadline"] = deadline,
            ["packageInfo"] = new JsonObject { ["packageId"] = new string('p', 128), ["size"] = "Small", ["weight"] = 1, ["tag"] = tag },
        };

        OrderInput Input(JsonFields body) => OrderInput.ReadRequest(body, ownerIsKnown: false);
        var body = Body(
            Longest(letter, text => Body(text, "x", "", ""), Input),
            Longest(letter, text => Body("x", text, "", ""), Input),
            Longest(letter, text => Body("x", "x", text, ""), Input),
            Longest(letter, text => Body("x", "x", "", text), Input));
        var input = Read(Input, body);
        return new DeliveryOrder(
            owner, input.PackageId!, input.Package, new Place(input.Pickup.Text, new GeoPoint(10.025, 20.025)), new Place(input.Dropoff.Text, new GeoPoint(10.025, 20.026)),
            new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), null, input.DeadlineText, false, ConfirmationRequired.None);
    }

    private static JsonObject Webhook(string letter)
    {
        JsonObject Body(string url, string description) => new() { ["url"] = url, ["description"] = description };
        return Body(
            Longest(letter, text => Body($"https://example.org/{text}", ""), Webhooks.ReadWhole, text => $"https://example.org/{text}"),
            Longest(letter, text => Body("https://example.org", text), Webhooks.ReadWhole));
    }

    private static string Note(string letter) => Longest(letter, text => new JsonObject { ["note"] = text }, Private<object>(typeof(OperationsApi), "ReadNote"));

    private void OrderAndChange(DeliveryOrder order)
    {
        for (var number = 0; number < 20; number++) _cluster.Do(_cluster.Request($"{number:D128}").Submit(_cluster.Command(), order));

        // Its owner cannot be told for a while, so that what is owed piles up.
        var id = new string('r', 128);
        _cluster.Cluster.Intercept = call => call.Method.Name == nameof(IOwnerNotificationsGrain.Publish) && Fail(call);
        _cluster.Do(_cluster.Request(id).Submit(_cluster.Command(), order));
        for (var number = 0; number < 60; number++) _cluster.Do(_cluster.Request(id).Reschedule(_cluster.Command(), new(order.Dropoff, order.Pickup, null, order.DeadlineText, null)));
        _cluster.Cluster.Intercept = null;
        _cluster.Pass(TimeSpan.FromSeconds(20));
    }

    private void DeadLetterAndReplay(DeliveryOrder order, string note)
    {
        var id = new string('d', 128);
        _cluster.Cluster.Intercept = call => call.Interface == typeof(IPackageGrain) && Fail(call, order.Pickup.Text!);
        _cluster.Do(_cluster.Request(id).Submit(_cluster.Command(), order));
        for (var number = 0; number < 50; number++) _cluster.Do(_cluster.Request(id).Replay(_cluster.Command(), note));
        for (var number = 0; number < 70; number++)
            _cluster.Do(Hear(id, new DroneEvent($"{number:D128}", DroneEventKind.StrayParcel, id, number, _cluster.Now, note)));
        _cluster.Cluster.Intercept = null;
        _cluster.Pass(TimeSpan.FromSeconds(20));
    }

    private void FetchAndNotify(DeliveryOrder order, string letter)
    {
        var plan = new DeliveryPlan(order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, false, ConfirmationRequired.None);
        var read = Private<NotificationRequest>(typeof(DeliveriesApi), "ReadNotification");
        var email = Longest(letter, text => new JsonObject { ["emailAddress"] = $"{text}@example.org" }, read, text => $"{text}@example.org");
        var delivery = _cluster.Delivery(new string('f', 128));
        _cluster.Do(delivery.Create(_cluster.Command(), plan, new MissionAssignment(new string('a', 128), 1, order.Pickup.Location, new MissionEta(null, _cluster.Now))));
        _cluster.Do(delivery.AuthorizePickup(_cluster.Command(), new string('a', 128), 1, order.Pickup.Location));
        for (var number = 0; number < 100; number++) _cluster.Do(delivery.NotifyMe(CommandId.OfKey($"{number}", "sent"), new NotificationRequest($"{number}{email}"[..email.Length], new string('1', 32))));
        _cluster.Do(delivery.Complete(_cluster.Command(), order.Pickup.Text!));
        _cluster.Pass(TimeSpan.FromSeconds(20));
    }

    private void Others(DeliveryOrder order, string letter)
    {
        var hold = Longest(letter, text => new JsonObject { ["reason"] = text, ["until"] = "2026-01-03T00:00:00Z" }, Private<WeatherHold>(typeof(WeatherHolds), "Read"));
        for (var number = 0; number < 120; number++) _cluster.Do(_cluster.Grains.GetGrain<IWeatherGrain>(0).Set(new($"{number:D128}", hold, _cluster.Now.AddDays(1)), _cluster.Command()));

        JsonObject Drone(string model) => new()
        {
            ["model"] = model,
            ["home"] = new JsonObject { ["latitude"] = 1, ["longitude"] = 1 },
            ["capabilities"] = new JsonObject
            {
                ["maxPayload"] = 1,
                ["maxSize"] = "Small",
                ["cruiseSpeed"] = 1,
                ["climbSpeed"] = 1,
                ["cruiseAltitude"] = 1,
                ["mass"] = 1,
                ["batteryCapacity"] = 1,
                ["cruisePower"] = 1,
                ["handlingTime"] = 1,
            },
        };
        var model = Longest(letter, Drone, DroneInput.ReadRegistration);
        _cluster.Do(_cluster.Drone().Register(_cluster.Command(), Read(DroneInput.ReadRegistration, Drone(model))));
        for (var number = 0; number < 20; number++) _cluster.Do(_cluster.Drone().SetMaintenance(_cluster.Command(), $"{number}{Note(letter)}"));

        var account = _cluster.Grains.GetGrain<IAccountGrain>(order.OwnerId);
        for (var number = 0; number < 20; number++) _cluster.Do(account.SetStanding(_cluster.Command(), AccountStanding.Suspended, $"{number}{order.DeadlineText}"));

        var partner = _cluster.Grains.GetGrain<ITransportPartnerGrain>("partner");
        for (var number = 0; number < 600; number++) _ = partner.Book(new PartnerOrder($"{number:D128}", 1, order.Pickup, order.Dropoff, 1, PackageSize.Small, _cluster.Now, null));
        _cluster.Cluster.RunAll();
    }

    /// <summary>The longest text of this letter that the gateway takes in a field.</summary>
    private static string Longest(string letter, Func<string, JsonObject> body, Func<JsonFields, object?> read, Func<string, string>? shape = null)
    {
        var (fits, fails) = (0, 70_000);
        while (fails - fits > 1)
        {
            var middle = (fits + fails) / 2;
            if (Takes(read, body(Repeated(letter, middle)))) fits = middle;
            else fails = middle;
        }

        Assert.InRange(fits, 0, 60_000); // Some limit there is.
        return shape is null ? Repeated(letter, fits) : shape(Repeated(letter, fits));
    }

    private static string Repeated(string letter, int times) => string.Concat(Enumerable.Repeat(letter, times));

    private static bool Takes(Func<JsonFields, object?> read, JsonObject body) =>
        JsonBody.Parse(JsonSerializer.SerializeToUtf8Bytes(body)).TryRead<object>(fields => read(fields)!, out _, out IDictionary<string, string[]>? _);

    private static T Read<T>(Func<JsonFields, T> read, JsonObject body) where T : class =>
        JsonBody.Parse(JsonSerializer.SerializeToUtf8Bytes(body)).TryRead(read, out var value, out IDictionary<string, string[]>? errors)
            ? value
            : throw new InvalidOperationException(string.Join("; ", errors.SelectMany(error => error.Value.Select(text => $"{error.Key} {text}"))));

    /// <summary>What an API reads by itself.</summary>
    private static Func<JsonFields, T?> Private<T>(Type api, string method) where T : class
    {
        var reader = api.GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic) ?? throw new InvalidOperationException($"{api.Name} has no {method} any more; name what reads the body now.");
        return body => (T?)reader.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [body], null);
    }

    private static bool Fail(SimulatedCluster.Call call, string why = "It is damaged.")
    {
        call.Fail(new InvalidOperationException(why));
        return true;
    }

    private async Task<bool> Hear(string id, DroneEvent occurred)
    {
        await _cluster.Request(id).Hear(occurred);
        return true;
    }
}
