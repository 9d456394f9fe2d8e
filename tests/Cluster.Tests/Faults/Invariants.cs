using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Processes;

namespace DroneDelivery.Faults;

/// <summary>What must hold after any fault, as far as it can be seen from outside.</summary>
internal static class Invariants
{
    private static readonly HashSet<string> Statuses =
        ["Accepted", "Scheduling", "Waiting", "Scheduled", "Completed", "Cancelled", "Rejected", "Failed", "DeadLettered", "Incident"];

    private static readonly HashSet<(string From, string To)> Steps =
    [
        ("Created", "Created"), // It was asked for, and a carrier was found.
        ("Created", "HeadedToPickup"), ("Created", "Rescheduled"), ("Created", "Cancelled"),
        ("Rescheduled", "HeadedToPickup"), ("Rescheduled", "Rescheduled"), ("Rescheduled", "Cancelled"),
        ("HeadedToPickup", "HeadedToDropoff"), ("HeadedToPickup", "Rescheduled"), ("HeadedToPickup", "Cancelled"),
        ("HeadedToDropoff", "Completed"),
    ];

    /// <summary>
    /// Every accepted delivery is there in an allowed status, its history has no gap and moves along the table only, and no two deliveries claim the same drone
    /// nor two drones the same delivery.
    /// </summary>
    /// <returns>What is violated, in words; empty when nothing is.</returns>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(Uri address, IReadOnlyCollection<string> accepted, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        var violations = new ConcurrentQueue<string>();
        var flights = new ConcurrentDictionary<string, string>();
        foreach (var twice in accepted.GroupBy(id => id).Where(group => group.Count() > 1)) violations.Enqueue($"{twice.Key} was given to two clients.");

        await Parallel.ForEachAsync(accepted.Distinct(), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (id, stop) =>
        {
            var request = await GetAsync(http, $"/api/deliveryrequests/{id}", stop);
            var history = await GetAsync(http, $"/api/deliveries/{id}/history", stop);
            if (request is null || history is null)
            {
                violations.Enqueue($"{id} was accepted and is lost.");
                return;
            }

            var status = (string)request["status"]!;
            if (!Statuses.Contains(status)) violations.Enqueue($"{id} has the status {status}.");
            foreach (var violation in History(history.AsArray())) violations.Enqueue($"{id}: {violation}");

            if (status != "Scheduled" || (string?)request["transport"]?["droneId"] is not { } drone) return;
            if (!flights.TryAdd(drone, id)) await AssertOneFlightAsync(http, drone, [id, flights[drone]], violations, stop);
        });
        return [.. violations];
    }

    /// <summary>The request learns of its end after the delivery, so that two may name a drone for a moment; the delivery itself must be over.</summary>
    private static async Task AssertOneFlightAsync(HttpClient http, string drone, string[] deliveries, ConcurrentQueue<string> violations, CancellationToken cancellationToken)
    {
        var flying = 0;
        await Eventually.HoldsAsync($"at most one of {string.Join(", ", deliveries)} is under way", async () =>
        {
            flying = 0;
            foreach (var id in deliveries)
            {
                var status = await GetAsync(http, $"/api/deliveries/{id}/status", cancellationToken);
                if (status?["stage"] is { } stage && (int)stage is not (4 or 5)) flying++;
            }

            return flying <= 1;
        }, TimeSpan.FromSeconds(30), cancellationToken);
        if (flying > 1) violations.Enqueue($"Drone {drone} has two missions: {string.Join(", ", deliveries)}.");
    }

    private static IEnumerable<string> History(JsonArray history)
    {
        for (var index = 0; index < history.Count; index++)
        {
            var (sequence, stage) = ((long)history[index]!["sequence"]!, (string)history[index]!["stage"]!);
            if (sequence != index + 1) yield return $"event {index + 1} has the number {sequence}.";
            if (index == 0)
            {
                if (stage != "Created") yield return $"begins with {stage}.";
                continue;
            }

            var (before, earlier) = ((string)history[index - 1]!["stage"]!, (DateTimeOffset)history[index - 1]!["time"]!);
            if (!Steps.Contains((before, stage))) yield return $"went from {before} to {stage}.";
            if ((DateTimeOffset)history[index]!["time"]! < earlier) yield return $"{stage} was before {before}.";
        }
    }

    private static async Task<JsonNode?> GetAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(path, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
    }
}
