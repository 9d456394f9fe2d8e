using System.Net;
using DroneDelivery.Gateway.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DroneDelivery.Gateway.Tests;

public class GrainCallRetryTests(GatewayFixture gateway)
{
    private const string Body = """{"owner":{"accountId":"a"},"pickup":"here","dropoff":"there"}""";

    public static TheoryData<string, bool> Faults => new()
    {
        { nameof(SiloUnavailableException), false },
        { nameof(SiloUnavailableException), true },
        { nameof(TimeoutException), false },
        { nameof(TimeoutException), true },
        { nameof(InconsistentStateException), false },
        { nameof(OperationCanceledException), false },
        { nameof(OrleansException), false },
        { nameof(OrleansException), true },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Passing_fault_is_invisible_and_the_effect_is_that_of_one_call(string fault, bool afterEffect)
    {
        var id = $"retry-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, 3, () => Make(fault), afterEffect);

        var (status, _, _) = await gateway.Http.Call("PUT", $"/api/deliveries/{id}", Body);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(4, gateway.Faults.Attempts(id));
        Assert.Equal(1, gateway.World.Effects[id]);
    }

    [Fact]
    public async Task Other_fault_is_not_repeated()
    {
        var id = $"broken-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, int.MaxValue, () => new InvalidOperationException("secret"));

        var problem = await gateway.Http.ExpectProblem(500, "internal", "PUT", $"/api/deliveries/{id}", Body);

        Assert.Equal(1, gateway.Faults.Attempts(id));
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_out_of_memory_is_left_alone_and_the_client_told_to_come_back()
    {
        var id = $"full-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, int.MaxValue, () => new OutOfMemoryException());

        await gateway.Http.ExpectProblem(503, "unavailable", "PUT", $"/api/deliveries/{id}", Body);

        Assert.Equal(1, gateway.Faults.Attempts(id));
    }

    [Fact]
    public async Task Fault_that_outlasts_the_budget_is_answered_with_when_to_come_back()
    {
        var (host, http) = await gateway.Open(new() { ["GrainCalls:Budget"] = "00:00:00.300" });
        await using var _ = host;
        var id = $"down-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, int.MaxValue, () => new SiloUnavailableException("gone"));

        await http.ExpectProblem(503, "unavailable", "PUT", $"/api/deliveries/{id}", Body);
        var (_, _, response) = await http.Call("GET", $"/api/deliveries/{id}");

        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.InRange(gateway.Faults.Attempts(id), 3, 40);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Silo_that_is_lost_is_noticed_and_a_new_one_found()
    {
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        var id = await own.Http.Order();

        // With a budget beyond the test's patience, an answer at all means that it was not spent.
        var (patient, http) = await own.Open(new() { ["GrainCalls:Budget"] = "00:05:00" });
        await using var _ = patient;

        await own.KillSilo();
        await Eventually.Holds(async () => (await http.Call("GET", "/health/ready")).Status == HttpStatusCode.ServiceUnavailable, "the gateway is unready");
        Assert.Equal(HttpStatusCode.OK, (await http.Call("GET", "/health/live")).Status);
        var (_, _, response) = await http.Call("GET", $"/api/deliveries/{id}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        // Once it is known that no silo is there, nobody waits for one.
        var cluster = patient.Services.GetRequiredService<ClusterConnection>();
        await Eventually.Holds(() => Task.FromResult(cluster.LostFor > TimeSpan.FromSeconds(1)), "the loss is certain");
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.Call("GET", $"/api/deliveries/{id}")).Status);

        await own.StartSilo();
        await Eventually.Holds(async () => (await http.Call("GET", "/health/ready")).Status == HttpStatusCode.OK, "the gateway is ready again");
        var (status, _, _) = await http.Call("GET", $"/api/deliveries/{id}");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    private static Exception Make(string fault) => fault switch
    {
        nameof(SiloUnavailableException) => new SiloUnavailableException("gone"),
        nameof(InconsistentStateException) => new InconsistentStateException("lost a race"),
        nameof(OrleansException) => new OrleansException("Trying to register supervisor/3A on invalid silo. Known status: Dead"),
        nameof(OperationCanceledException) => new OperationCanceledException("expired"),
        _ => new TimeoutException("late"),
    };
}
