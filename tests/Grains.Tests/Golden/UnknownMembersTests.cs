using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Simulation;
using DroneDelivery.Storage;

namespace DroneDelivery.Golden;

/// <summary>
/// A roll and a rollback have two builds write the same documents by turns. What the older one does not know it gives back, at every level; a value that it does
/// not know it refuses. <c>docs/versioning.md</c> says what follows for a release.
/// </summary>
public sealed class UnknownMembersTests
{
    private const string Newer = "fromTheFuture";

    // Values: replaced whole, so that nothing in them survives a change anyway. They never gain members; what belongs to them goes beside them.
    private static readonly Type[] Values = [typeof(GeoPoint)];

    public static TheoryData<string> States() => [.. GoldenStateTests.States.Keys];

    [Fact]
    public void Every_record_in_a_state_keeps_what_it_does_not_know() =>
        Assert.Empty(GoldenStateTests.States.Values.SelectMany(state => Records(state.GetType())).Distinct()
            .Where(record => GrainStateSerializer.UnknownOf(record) is null)
            .Select(record => $"{record} needs: internal UnknownMembers? Unknown {{ get; init; }}"));

    [Theory]
    [MemberData(nameof(States))]
    public void Members_of_a_newer_build_survive_a_change_by_this_one(string name)
    {
        var state = GoldenStateTests.States[name];
        var newer = Parse(Serialize(state));
        Extend(newer, GrainStateSerializer.Describe(state.GetType()), "$");
        var added = Count(newer);
        Assert.True(added > 0);

        // As every change does: a copy with something else in it.
        var read = Deserialize(state.GetType(), newer.ToJsonString());
        var changed = Clone(read);
        if (state.GetType().GetProperty("Commands") is { } commands)
            commands.SetValue(changed, ((CommandLog)commands.GetValue(changed)!).With(new CommandId("by the older build"), CommandResult.Done));

        var written = Parse(Serialize(changed));
        Assert.Equal(added, Count(written));
        if (state.GetType().GetProperty("Commands") is null) Assert.True(JsonNode.DeepEquals(newer, written), written.ToJsonString());
    }

    [Fact]
    public void Two_reads_of_one_document_are_equal()
    {
        const string json = """{"sms":"+1","fromTheFuture":{"a":[1]}}""";
        Assert.Equal(Deserialize(typeof(NotificationRequest), json), Deserialize(typeof(NotificationRequest), json));
        Assert.NotEqual(Deserialize(typeof(NotificationRequest), json), Deserialize(typeof(NotificationRequest), """{"sms":"+1","fromTheFuture":{"a":[2]}}"""));
    }

    [Fact]
    public void Order_that_a_client_changes_keeps_what_a_newer_build_wrote_into_it()
    {
        var state = (DeliveryRequestState)Extended("request");
        var changed = Parse(Serialize(state.WithChange(new DeliveryChange(null, new Place("elsewhere", new GeoPoint(1, 2)), null, null, null))));

        Assert.NotNull(changed["order"]![Newer]);
        Assert.NotNull(changed["order"]!["package"]![Newer]);
        Assert.NotNull(changed["order"]!["pickup"]![Newer]);
        Assert.Null(changed["order"]!["dropoff"]![Newer]); // Another place.
    }

    [Fact]
    public void Events_keep_theirs_when_another_is_added_and_the_archive_takes_all_along()
    {
        var state = (DeliveryState)Extended("delivery");
        var next = Parse(Serialize(state.WithEvent(state.Stage, DateTimeOffset.UnixEpoch, null, "news").AsArchived()));

        Assert.All(next["events"]!.AsArray().SkipLast(1), entry => Assert.NotNull(entry![Newer]));
        Assert.Null(next["events"]!.AsArray()[^1]![Newer]);
        Assert.NotNull(next[Newer]);
    }

    [Fact]
    public void Grain_of_this_build_gives_back_what_a_newer_one_stored()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        var id = SimulatedCluster.Id<IDeliveryRequestGrain>("delivery");
        cluster.Cluster.Kill(id);
        cluster.Cluster.Stores.Rewrite(id, json =>
        {
            json[Newer] = 1;
            json["order"]![Newer] = new JsonArray(1, 2);
        });

        Assert.True(cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, new Place(null, new GeoPoint(10, 20)), null, null, null))).Succeeded);

        var stored = Parse(System.Text.Encoding.UTF8.GetString(cluster.Cluster.Stores.Documents[id].Json));
        Assert.Equal((1, 20, 2), ((int)stored[Newer]!, (int)(double)stored["order"]!["dropoff"]!["location"]!["longitude"]!, stored["order"]![Newer]!.AsArray().Count));
    }

    [Theory]
    [InlineData(typeof(DeliveryState), """{"stage":"Teleported"}""", "Teleported", nameof(DeliveryStage))]
    [InlineData(typeof(DeliveryRequestState), """{"status":"Postponed","lastAttempt":3}""", "Postponed", nameof(RequestStatus))]
    [InlineData(typeof(DroneState), """{"trouble":"Birds"}""", "Birds", nameof(DroneTrouble))]
    public void Value_that_is_not_known_is_refused_and_not_misread(Type state, string json, string value, string name)
    {
        var refusal = Assert.Throws<OrleansException>(() => Deserialize(state, json));

        Assert.Contains($"'{value}', which is no {name} here", refusal.Message, StringComparison.Ordinal);
        Assert.True(Retry.MayHelp(refusal)); // On another silo, or after the roll.
    }

    [Fact]
    public void Number_is_no_name_of_a_value() =>
        Assert.Throws<JsonException>(() => Deserialize(typeof(DeliveryState), """{"stage":99}"""));

    [Fact]
    public void Grain_leaves_a_document_with_a_value_that_it_does_not_know_as_it_is()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        var id = SimulatedCluster.Id<IDeliveryRequestGrain>("delivery");
        cluster.Cluster.Kill(id);
        cluster.Cluster.Stores.Rewrite(id, json => json["status"] = "Postponed");
        var before = cluster.Cluster.Stores.Documents[id].Json;

        Assert.Throws<OrleansException>(() => cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        cluster.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(before, cluster.Cluster.Stores.Documents[id].Json);
    }

    private static object Extended(string name)
    {
        var state = GoldenStateTests.States[name];
        var newer = Parse(Serialize(state));
        Extend(newer, GrainStateSerializer.Describe(state.GetType()), "$");
        return Deserialize(state.GetType(), newer.ToJsonString());
    }

    /// <summary>Adds a member to every record of a document.</summary>
    private static void Extend(JsonNode? node, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when node is JsonObject record:
                foreach (var property in Stored(type))
                    Extend(record[property.Name], GrainStateSerializer.Describe(property.PropertyType), $"{path}.{property.Name}");
                if (!Values.Contains(Nullable.GetUnderlyingType(type.Type) ?? type.Type)) record[Newer] = new JsonObject { ["at"] = path, ["list"] = new JsonArray(1, "é", null) };
                break;
            case JsonTypeInfoKind.Enumerable when node is JsonArray list:
                for (var number = 0; number < list.Count; number++) Extend(list[number], GrainStateSerializer.Describe(type.ElementType!), $"{path}[{number}]");
                break;
            case JsonTypeInfoKind.Dictionary when node is JsonObject map:
                foreach (var (key, value) in map.ToList()) Extend(value, GrainStateSerializer.Describe(type.ElementType!), $"{path}.{key}");
                break;
        }
    }

    private static IEnumerable<Type> Records(Type type)
    {
        var found = new HashSet<Type>();
        Visit(type);
        return found;

        void Visit(Type next)
        {
            next = Nullable.GetUnderlyingType(next) ?? next;
            var description = GrainStateSerializer.Describe(next);
            if (description.ElementType is { } element) Visit(element);
            if (description.Kind != JsonTypeInfoKind.Object || Values.Contains(next) || !found.Add(next)) return;
            foreach (var property in Stored(description)) Visit(property.PropertyType);
        }
    }

    private static IEnumerable<JsonPropertyInfo> Stored(JsonTypeInfo type) => type.Properties.Where(property => property is { IsExtensionData: false, Set: not null });

    private static int Count(JsonNode? node) => node switch
    {
        JsonObject map => map.Sum(entry => entry.Key == Newer ? 1 : Count(entry.Value)),
        JsonArray list => list.Sum(Count),
        _ => 0,
    };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static object Clone(object record) =>
        record.GetType().GetMethod("<Clone>$", BindingFlags.Instance | BindingFlags.Public)!.Invoke(record, null)!;

    private static string Serialize(object state) => System.Text.Encoding.UTF8.GetString(new GrainStateSerializer().Serialize(state).ToMemory().Span);

    private static object Deserialize(Type type, string json) => typeof(GrainStateSerializer)
        .GetMethod(nameof(GrainStateSerializer.Deserialize))!.MakeGenericMethod(type)
        .Invoke(new GrainStateSerializer(), BindingFlags.DoNotWrapExceptions, null, [BinaryData.FromString(json)], null)!;
}
