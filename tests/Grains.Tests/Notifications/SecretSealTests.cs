using DroneDelivery.Simulation;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>Secrets of webhooks as they are stored.</summary>
public sealed class SecretSealTests
{
    private const string Secret = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0";
    private static readonly string One = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);
    private static readonly string Other = Convert.ToBase64String([.. Enumerable.Range(101, 32).Select(number => (byte)number)]);

    [Fact]
    public void Sealed_secret_opens_for_its_subscription_only()
    {
        var seal = With(One);
        var stored = seal.Seal(Secret, "owner/webhook");

        Assert.DoesNotContain(Secret, stored, StringComparison.Ordinal);
        Assert.NotEqual(stored, seal.Seal(Secret, "owner/webhook"));
        Assert.Equal(Secret, seal.Open(stored, "owner/webhook"));
        Assert.Throws<SealedSecretException>(() => seal.Open(stored, "thief/webhook"));
    }

    [Fact]
    public void Changed_or_cut_secret_does_not_open()
    {
        var seal = With(One);
        var stored = seal.Seal(Secret, "s");
        for (var place = stored.LastIndexOf(':') + 1; place < stored.Length - 1; place += 7)
        {
            var changed = stored[..place] + (stored[place] == 'A' ? 'B' : 'A') + stored[(place + 1)..];
            Assert.Throws<SealedSecretException>(() => seal.Open(changed, "s"));
        }

        foreach (var cut in new[] { "sealed:", "sealed::", stored[..(stored.LastIndexOf(':') + 1)], stored[..^8], stored + ":" })
            Assert.Throws<SealedSecretException>(() => seal.Open(cut, "s"));
    }

    [Fact]
    public void Former_key_still_opens_and_a_renewed_secret_does_without_it()
    {
        var stored = With(One).Seal(Secret, "s");
        var rotated = With(Other, One);
        Assert.Equal(Secret, rotated.Open(stored, "s"));
        Assert.False(rotated.IsCurrent(stored));

        var renewed = rotated.Renew(stored, "s");
        Assert.Equal(Secret, With(Other).Open(renewed, "s"));
        Assert.Equal(renewed, rotated.Renew(renewed, "s"));
    }

    [Fact]
    public void Secret_whose_key_is_gone_says_which_key_it_was_and_stays_as_it_is()
    {
        var stored = With(One).Seal(Secret, "s");
        var failure = Assert.Throws<SealedSecretException>(() => With(Other).Open(stored, "s"));
        Assert.Contains(stored.Split(':')[1], failure.Message, StringComparison.Ordinal);
        Assert.Contains("Notifications:PreviousSecretKeys", failure.Message, StringComparison.Ordinal);
        Assert.Equal(stored, With(Other).Renew(stored, "s"));
    }

    [Fact]
    public void Secret_from_before_there_was_a_key_is_read_and_renewed()
    {
        Assert.Equal(Secret, With(One).Open(Secret, "s"));
        Assert.Equal(Secret, With(One).Open(With(One).Renew(Secret, "s"), "s"));
        Assert.Equal(Secret, With("").Seal(Secret, "s"));
    }

    [Theory]
    [InlineData("c2hvcnQ=", null, "Notifications:SecretKey is not a key")]
    [InlineData("not base64", null, "Notifications:SecretKey is not a key")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "", "Notifications:PreviousSecretKeys:0 is not a key")]
    [InlineData("", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "Notifications:SecretKey is missing")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", null)]
    public void Wrong_key_is_named(string current, string? previous, string? error)
    {
        var options = new NotificationOptions { SecretKey = current, PreviousSecretKeys = previous is null ? [] : [previous] };
        var errors = options.Validate(new(options)).Select(result => result.ErrorMessage!).ToList();
        if (error is null) Assert.Empty(errors);
        else Assert.Contains(error, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Webhook_stores_its_secret_encrypted_and_signs_with_it()
    {
        var (cluster, webhook) = Webhook(One);
        Assert.DoesNotContain(Secret, Json(cluster), StringComparison.Ordinal);
        Assert.True(cluster.Do(webhook.Test())!.Delivered);
        Assert.Equal([Secret], cluster.Cluster.Receivers.Signed[^1]);

        var next = "whsec_bmV4dA==";
        cluster.Do(webhook.Rotate(cluster.Command(), next, cluster.Now.AddHours(1)));
        Assert.DoesNotContain(next, Json(cluster), StringComparison.Ordinal);
        Assert.True(cluster.Do(webhook.Test())!.Delivered);
        Assert.Equal([Secret, next], cluster.Cluster.Receivers.Signed[^1]);
    }

    [Fact]
    public void Plain_secret_of_an_earlier_build_signs_and_is_encrypted_by_the_next_change()
    {
        var (cluster, webhook) = Webhook("");
        Assert.Contains(Secret, Json(cluster), StringComparison.Ordinal);

        Restart(cluster, One);
        Assert.True(cluster.Do(webhook.Test())!.Delivered);
        Assert.Equal([Secret], cluster.Cluster.Receivers.Signed[^1]);
        cluster.Do(webhook.Change(cluster.Command(), new WebhookChange(null, null, "changed", null)));
        Assert.DoesNotContain(Secret, Json(cluster), StringComparison.Ordinal);
        Assert.True(cluster.Do(webhook.Test())!.Delivered);
    }

    [Fact]
    public void Webhook_whose_key_is_gone_fails_until_its_owner_rotates_the_secret()
    {
        var (cluster, webhook) = Webhook(One);
        Restart(cluster, Other);
        var test = cluster.Do(webhook.Test())!;
        Assert.Equal((false, "Its secret cannot be read. Rotate it, or ask the operators."), (test.Delivered, test.Reason));
        Assert.Null(cluster.Do(webhook.GetSecret().AsTask()));

        var next = "whsec_bmV4dA==";
        cluster.Do(webhook.Rotate(cluster.Command(), next, cluster.Now.AddHours(1)));
        Assert.True(cluster.Do(webhook.Test())!.Delivered);
        Assert.Equal([next], cluster.Cluster.Receivers.Signed[^1]);
    }

    private static SecretSeal With(string key, params string[] previous) => new(Options.Create(new NotificationOptions { SecretKey = key, PreviousSecretKeys = previous }));

    private static (ScriptedCluster Cluster, ISubscriptionGrain Webhook) Webhook(string key)
    {
        var cluster = new ScriptedCluster();
        cluster.Cluster.Notifications.SecretKey = key;
        cluster.Do(cluster.Cluster.Grains.GetGrain<IOwnerNotificationsGrain>("owner")
            .AddWebhook(cluster.Command(), "webhook", new WebhookSettings("https://example.org", [], null), Secret));
        return (cluster, cluster.Cluster.Grains.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook("owner", "webhook")));
    }

    /// <summary>The silos start again with another key.</summary>
    private static void Restart(ScriptedCluster cluster, string key)
    {
        cluster.Cluster.Notifications.SecretKey = key;
        foreach (var activation in cluster.Cluster.Activations) cluster.Cluster.Kill(activation);
    }

    private static string Json(ScriptedCluster cluster) => System.Text.Encoding.UTF8.GetString(
        cluster.Cluster.Stores.Documents[SimulatedCluster.Id<ISubscriptionGrain>(SubscriptionKey.OfWebhook("owner", "webhook"))].Json);
}
