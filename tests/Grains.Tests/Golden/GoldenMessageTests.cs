using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DroneDelivery.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace DroneDelivery.Golden;

/// <summary>
/// The files under Messages are messages as earlier builds sent them: the bytes and what they meant. During a roll old and new builds talk to each other, so
/// a build has to read them all, and to send today's form. When a message gains a field, run the tests once with <c>GOLDEN_WRITE=1</c>, which adds
/// the next file, and commit it; never change an old one.
/// </summary>
public sealed class GoldenMessageTests
{
    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true, Converters = { new JsonStringEnumConverter() } };
    private static readonly Assembly[] Contracts = [typeof(IDeliveryRequestGrain).Assembly, typeof(GrainsSiloBuilderExtensions).Assembly];

    private static readonly Serializer Orleans = new ServiceCollection()
        .AddSerializer(serializer =>
        {
            foreach (var assembly in Contracts) serializer.AddAssembly(assembly);
        })
        .BuildServiceProvider()
        .GetRequiredService<Serializer>();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden", "Messages");

    public static TheoryData<string> Aliases() => [.. Messages().Select(Alias)];

    public static TheoryData<string> Files() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)]
        : [];

    [Theory]
    [MemberData(nameof(Files))]
    public void Message_of_an_earlier_build_means_the_same(string file)
    {
        var golden = Golden.Read(Path.Combine(Folder, file));

        var read = Orleans.Deserialize<object>(golden.Bytes);

        Assert.NotNull(read);
        Assert.Equal(Name(file).Alias, Alias(read.GetType()));
        AssertContains(golden.Meaning, JsonSerializer.SerializeToNode(read, read.GetType(), Json), file);
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void Message_is_sent_as_its_newest_file_says(string alias)
    {
        var sample = Sample.Of(Messages().Single(type => Alias(type) == alias));
        var now = new Golden(JsonSerializer.SerializeToNode(sample, sample.GetType(), Json), Orleans.SerializeToArray<object>(sample));
        var versions = Files().Select(row => Name(row.Data)).Where(file => file.Alias == alias).Select(file => file.Version).ToList();
        var newest = versions.Count == 0 ? null : Golden.Read(Path.Combine(Folder, $"{alias}.{versions.Max()}.json"));
        if (newest is not null && JsonNode.DeepEquals(newest.Meaning, now.Meaning) && newest.Bytes.SequenceEqual(now.Bytes)) return;

        var next = $"{alias}.{versions.DefaultIfEmpty(0).Max() + 1}.json";
        if (Environment.GetEnvironmentVariable("GOLDEN_WRITE") == "1") now.Write(Path.Combine(SourceFolder(), next));
        Assert.Fail(newest is null
            ? $"{alias} has no file; run once with GOLDEN_WRITE=1 and commit Golden/Messages/{next}."
            : $"{alias} is not what it was. If the change only adds a field with a new number, run once with GOLDEN_WRITE=1 and commit Golden/Messages/{next}; otherwise silos of both builds misread each other: make a new message.\nwas {newest.Meaning?.ToJsonString()}\nis  {now.Meaning?.ToJsonString()}");
    }

    [Fact]
    public void No_file_is_of_a_message_that_is_gone() =>
        Assert.All(Files(), row => Assert.Contains(Name(row.Data).Alias, Messages().Select(Alias)));

    private static IEnumerable<Type> Messages() => Contracts
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && !type.IsAbstract && !typeof(Exception).IsAssignableFrom(type))
        .OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static string Alias(Type type) =>
        type.GetCustomAttribute<AliasAttribute>()?.Alias ?? throw new InvalidOperationException($"{type} has no alias; without one, moving it breaks the wire.");

    /// <summary>Takes <c>alias.version.json</c> apart.</summary>
    private static (string Alias, int Version) Name(string file)
    {
        var parts = file.Split('.');
        return (string.Join('.', parts[..^2]), int.Parse(parts[^2], CultureInfo.InvariantCulture));
    }

    private static void AssertContains(JsonNode? meaning, JsonNode? read, string path)
    {
        if (meaning is not JsonObject fields)
        {
            Assert.True(JsonNode.DeepEquals(meaning, read), $"{path} was {meaning?.ToJsonString()} and is read as {read?.ToJsonString()}");
            return;
        }

        foreach (var (name, value) in fields) AssertContains(value, read?[name], $"{path}.{name}");
    }

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
                return Directory.CreateDirectory(Path.Combine(folder.FullName, "tests", "Grains.Tests", "Golden", "Messages")).FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Orleans.sln.");
    }

    /// <param name="Meaning">The message's fields.</param>
    /// <param name="Bytes">The message as sent, with its alias.</param>
    private sealed record Golden(JsonNode? Meaning, byte[] Bytes)
    {
        private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

        public static Golden Read(string path)
        {
            var file = JsonNode.Parse(File.ReadAllText(path))!;
            return new(file["meaning"], Convert.FromBase64String((string)file["bytes"]!));
        }

        public void Write(string path) => File.WriteAllText(
            path, new JsonObject { ["meaning"] = Meaning?.DeepClone(), ["bytes"] = Convert.ToBase64String(Bytes) }.ToJsonString(Indented) + "\n");
    }
}
