using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Application;

/// <summary>Wrong values are refused with words that say what is wrong. Here text is what is tested: it is all that the user gets.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, string, string> Refused => new()
    {
        { "azure", "{\"silo\":{\"hpa\":{\"enabled\":true},\"keda\":{\"enabled\":true,\"prometheusAddress\":\"https://p\"}}}", "silo.hpa.enabled and silo.keda.enabled are both true" },
        { "azure", "{\"silo\":{\"workloadIdentity\":{\"clientId\":\"\"}}}", "silo.workloadIdentity.clientId is empty" },
        { "azure", "{\"gateway\":{\"workloadIdentity\":{\"clientId\":\"\"}}}", "gateway.workloadIdentity.clientId is empty" },
        { "azure", "{\"silo\":{\"keyVaultObjects\":[{\"object\":\"a\",\"env\":\"A\"}]}}", "keyVault.name is empty" },
        { "trial", "{\"keyVault\":{\"name\":\"vault\"},\"silo\":{\"keyVaultObjects\":[{\"object\":\"a\",\"env\":\"A\"}]}}", "name the identity that may read the vault" },
        { "azure", "{\"ingress\":{\"tls\":{\"keyVaultUri\":\"\"}}}", "ingress.enabled needs TLS" },
        { "azure", "{\"ingress\":{\"tls\":{\"secretName\":\"both\"}}}", "give exactly one of" },
        { "azure", "{\"ingress\":{\"host\":\"\"}}", "/ingress/host" },
        { "azure", "{\"dashboard\":{\"enabled\":true,\"host\":\"a.example.com\",\"tlsSecretName\":\"a\"}}", "must be reached by operators only" },
        { "azure", "{\"dashboard\":{\"enabled\":true}}", "/dashboard/host" },
        { "azure", "{\"silo\":{\"image\":{\"digest\":\"\"}}}", "/silo/image/digest" },
        { "azure", "{\"silo\":{\"image\":{\"digest\":\"sha256:abc\"}}}", "/silo/image/digest" },
        { "azure", "{\"gateway\":{\"image\":{\"repository\":\"drones/gateway:latest\"}}}", "/gateway/image/repository" },
        { "azure", "{\"gateway\":{\"image\":{\"tag\":\"latest\"}}}", "'tag' not allowed" },
        { "azure", "{\"silo\":{\"resources\":{\"limits\":{\"cpu\":\"1\"}}}}", "'cpu' not allowed" },
        { "azure", "{\"silo\":{\"replica\":3}}", "'replica' not allowed" },
        { "azure", "{\"silo\":{\"replicas\":0}}", "/silo/replicas" },
        { "azure", "{\"silo\":{\"replicas\":\"3\"}}", "/silo/replicas" },
        { "azure", "{\"silo\":{\"extraPodVerbs\":[\"*\"]}}", "/silo/extraPodVerbs/0" },
        { "azure", "{\"silo\":{\"extraEnv\":{\"A\":1}}}", "/silo/extraEnv/A" },
        { "azure", "{\"cosmos\":{\"accountEndpoint\":\"http://a\"}}", "/cosmos/accountEndpoint" },
        { "azure", "{\"cosmos\":{\"authentication\":\"none\"}}", "/cosmos/authentication" },
        { "trial", "{\"cosmos\":{\"keySecret\":{\"name\":\"\"}}}", "/cosmos/keySecret/name" },
        { "azure", "{\"cosmos\":{\"createResources\":true}}", "/cosmos/authentication" },
        { "azure", "{\"azureAd\":{\"tenantId\":\"contoso\"}}", "/azureAd/tenantId" },
        { "keda", "{\"silo\":{\"keda\":{\"prometheusAddress\":\"\"}}}", "/silo/keda/prometheusAddress" },
        { "azure", "{\"httpRoute\":{\"enabled\":true,\"host\":\"a.example.com\"}}", "/httpRoute/parentRefs" },
        { "azure", "{\"networkPolicy\":{\"cosmos\":{\"cidrs\":[]}}}", "/networkPolicy/cosmos/cidrs" },
        { "azure", "{\"thirdParty\":{\"partnerId\":\"acme\"}}", "/thirdParty/baseAddress" },
        { "azure", "{\"thirdParty\":{\"partnerId\":\"acme\",\"baseAddress\":\"http://acme.example\"}}", "/thirdParty/baseAddress" },
        { "azure", "{\"notifications\":{\"secretKey\":{\"name\":\"\"}}}", "notifications.secretKey.name is empty" },
        { "azure", "{\"idempotency\":{\"secretKey\":{\"name\":\"\"}}}", "idempotency.secretKey.name is empty" },
        { "azure", "{\"droneKeys\":{\"secretKey\":{\"name\":\"\"}}}", "droneKeys.secretKey.name is empty" },
        { "azure", "{\"tls\":{\"secrets\":{\"silo\":\"a\"}}}", "only one of tls.secrets.silo and tls.secrets.gateway is given" },
        { "azure", "{\"tls\":{\"issuer\":{\"name\":\"a\"},\"secrets\":{\"silo\":\"a\",\"gateway\":\"b\"}}}", "tls.secrets and tls.issuer.name are both given" },
        { "azure", "{\"tls\":{\"issuer\":{\"kind\":\"Authority\"}}}", "/tls/issuer/kind" },
        { "azure", "{\"archive\":{\"after\":\"30 days\"}}", "/archive/after" },
        { "azure", "{\"test\":{\"enabled\":true}}", "/test/image/digest" },
        { "azure", "{\"unknown\":1}", "'unknown' not allowed" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Wrong_value_is_refused(string scenario, string values, string sentence)
    {
        var answer = await Helm.TemplateAsync(Scenario.Application(scenario), values);
        Assert.NotEqual(0, answer.ExitCode);
        Assert.Contains(sentence, answer.Errors);
        Assert.Empty(answer.Output);
    }

    [Fact]
    public async Task Nothing_is_rendered_without_the_required_values()
    {
        var answer = await Helm.TemplateWithoutValuesAsync("drone-delivery");
        Assert.NotEqual(0, answer.ExitCode);
        foreach (var value in new[] { "/registry", "/silo/image/digest", "/gateway/image/digest", "/cosmos/accountEndpoint", "/azureAd/tenantId", "/azureAd/clientId", "/ingress/host" })
            Assert.Contains($"'{value}'", answer.Errors);
    }
}
