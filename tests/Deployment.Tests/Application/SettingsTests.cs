using DroneDelivery.Deployment.Charts;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Hosting;
using DroneDelivery.Storage;
using k8s.Models;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Deployment.Application;

/// <summary>What processes are told.</summary>
public sealed class SettingsTests
{
    private const string AccountKey = "Storage__Cosmos__AccountKey";

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Silo_labels_equal_its_environment(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        var pod = rendering.The<V1Deployment>("silo").Spec.Template;
        var settings = rendering.The<V1ConfigMap>("silo").Data;
        Assert.Equal(settings["ORLEANS_SERVICE_ID"], pod.Metadata.Labels["orleans/serviceId"]);
        Assert.Equal(settings["ORLEANS_CLUSTER_ID"], pod.Metadata.Labels["orleans/clusterId"]);
        Assert.Equal(
            [("POD_NAME", "metadata.name"), ("POD_NAMESPACE", "metadata.namespace"), ("POD_IP", "status.podIP")],
            pod.Spec.Containers[0].Env.Where(variable => variable.ValueFrom?.FieldRef is not null).Select(variable => (variable.Name, variable.ValueFrom.FieldRef.FieldPath)));
    }

    [Fact]
    public async Task Key_of_webhook_secrets_comes_from_a_Secret_to_silos_only()
    {
        var rendering = await Scenario.Application("azure").RenderAsync();
        var key = Assert.Single(rendering.The<V1Deployment>("silo").Spec.Template.Spec.Containers[0].Env, variable => variable.Name == "Notifications__SecretKey");
        Assert.Equal(("webhook-key", "key"), (key.ValueFrom.SecretKeyRef.Name, key.ValueFrom.SecretKeyRef.Key));
        Assert.DoesNotContain(rendering.The<V1Deployment>("gateway").Spec.Template.Spec.Containers[0].Env, variable => variable.Name == "Notifications__SecretKey");
    }

    [Theory]
    [InlineData("idempotency", "idempotency-key", true, "Idempotency__Key")]
    [InlineData("idempotency", "idempotency-key", false, "Idempotency__KnownKeys__0")]
    [InlineData("droneKeys", "drone-key", true, "DroneKeys__Secret")]
    [InlineData("droneKeys", "drone-key", false, "DroneKeys__KnownSecrets__0")]
    public async Task Secret_of_gateways_comes_from_a_Secret_to_them_only(string value, string secret, bool current, string name)
    {
        var section = name[..(name.IndexOf("__", StringComparison.Ordinal) + 2)];
        var rendering = await Scenario.Application("azure").RenderAsync($"{{\"{value}\":{{\"current\":{(current ? "true" : "false")}}}}}");
        var gateway = rendering.The<V1Deployment>("gateway").Spec.Template.Spec.Containers[0].Env;
        var key = Assert.Single(gateway, variable => variable.Name.StartsWith(section, StringComparison.Ordinal));
        Assert.Equal((name, secret, "key"), (key.Name, key.ValueFrom.SecretKeyRef.Name, key.ValueFrom.SecretKeyRef.Key));
        var silo = rendering.The<V1Deployment>("silo").Spec.Template.Spec.Containers[0].Env;
        Assert.DoesNotContain(silo, variable => variable.Name.StartsWith(section, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zones_are_mounted_where_silos_look_for_them()
    {
        var rendering = await Scenario.Application("complete").RenderAsync();
        var zones = rendering.The<V1ConfigMap>("silo-zones");
        var pod = rendering.The<V1Deployment>("silo").Spec.Template.Spec;
        var mount = Assert.Single(pod.Containers[0].VolumeMounts, mount => mount.Name == "zones");
        Assert.Equal(zones.Metadata.Name, Assert.Single(pod.Volumes, volume => volume.Name == "zones").ConfigMap.Name);
        Assert.Equal($"{mount.MountPath}/{Assert.Single(zones.Data).Key}", rendering.The<V1ConfigMap>("silo").Data["Airspace__NoFlyZones"]);
        Assert.DoesNotContain("Airspace__NoFlyZones", (await Scenario.Application("azure").RenderAsync()).The<V1ConfigMap>("silo").Data.Keys);
    }

    [Fact]
    public async Task Gateway_is_told_by_which_client_operators_sign_in_to_the_dashboard()
    {
        Assert.Equal("00000000-0000-0000-0000-000000000005", (await Scenario.Application("dashboard").RenderAsync()).The<V1ConfigMap>("gateway").Data["Dashboard__SignIn__ClientId"]);
        Assert.DoesNotContain("Dashboard__SignIn__ClientId", (await Scenario.Application("azure").RenderAsync()).The<V1ConfigMap>("gateway").Data.Keys);
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Gateway_looks_for_the_cluster_of_the_silos(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        var (silo, gateway) = (rendering.The<V1ConfigMap>("silo").Data, rendering.The<V1ConfigMap>("gateway").Data);
        Assert.Equal(silo["ORLEANS_SERVICE_ID"], gateway["Orleans__ServiceId"]);
        Assert.Equal(silo["ORLEANS_CLUSTER_ID"], gateway["Orleans__ClusterId"]);
        foreach (var name in new[] { "Storage__Provider", "Storage__Cosmos__AccountEndpoint", "Storage__Cosmos__DatabaseName", "Hosting__Mode" })
            Assert.Equal(silo[name], gateway[name]);
        Assert.Equal(("Cosmos", "Kubernetes"), (silo["Storage__Provider"], silo["Hosting__Mode"]));

        // Only the gateway takes requests, and only silos are found by label.
        Assert.DoesNotContain("ASPNETCORE_URLS", silo.Keys);
        Assert.DoesNotContain(rendering.The<V1Deployment>("gateway").Spec.Template.Metadata.Labels.Keys, label => label.StartsWith("orleans/", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Store_is_what_the_programs_understand(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var component in new[] { "silo", "gateway" })
        {
            var environment = rendering.The<V1ConfigMap>(component).Data.ToDictionary(pair => pair.Key.Replace("__", ":"), pair => (string?)pair.Value);
            foreach (var variable in rendering.The<V1Deployment>(component).Spec.Template.Spec.Containers[0].Env)
                environment[variable.Name.Replace("__", ":")] = variable.Value ?? variable.ValueFrom.SecretKeyRef?.Key;
            var storage = StorageOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(environment).Build());

            Assert.Equal(StorageProvider.Cosmos, storage.Provider);
            Assert.Equal(scenario == "trial" ? "https://trial.documents.azure.com:443/" : "https://contoso.documents.azure.com:443/", storage.Cosmos!.AccountEndpoint);
            Assert.Equal(scenario == "complete" ? "production" : "drone-delivery", storage.Cosmos.DatabaseName);
            Assert.Equal(scenario == "trial" ? "account-key" : null, storage.Cosmos.AccountKey);
            Assert.Equal(scenario == "trial", storage.Cosmos.CreateResources);
        }
    }

    [Fact]
    public async Task Silos_are_told_when_to_archive()
    {
        foreach (var (scenario, days) in new[] { ("azure", 30), ("complete", 7) })
        {
            var rendering = await Scenario.Application(scenario).RenderAsync();
            Assert.Equal(TimeSpan.FromDays(days), TimeSpan.Parse(rendering.The<V1ConfigMap>("silo").Data["Archive__After"], System.Globalization.CultureInfo.InvariantCulture));
            Assert.DoesNotContain("Archive__After", rendering.The<V1ConfigMap>("gateway").Data.Keys);
        }
    }

    [Fact]
    public async Task Silos_publish_to_Event_Grid_where_an_endpoint_is_given()
    {
        var settings = (await Scenario.Application("complete").RenderAsync()).The<V1ConfigMap>("silo").Data;
        Assert.Equal(("https://contoso.westeurope-1.eventgrid.azure.net", "deliveries", "true"), (settings["Notifications__EventGrid__Endpoint"], settings["Notifications__EventGrid__Topic"], settings["Notifications__Log"]));
        var plain = (await Scenario.Application("azure").RenderAsync()).The<V1ConfigMap>("silo").Data;
        Assert.DoesNotContain(plain.Keys, key => key.StartsWith("Notifications__EventGrid", StringComparison.Ordinal));
        Assert.Equal("false", plain["Notifications__Log"]);
    }

    [Fact]
    public async Task Gateway_knows_who_signs_its_tokens()
    {
        var settings = (await Scenario.Application("complete").RenderAsync()).The<V1ConfigMap>("gateway").Data;
        Assert.Equal("https://login.microsoftonline.com/", settings["AzureAd__Instance"]);
        Assert.Equal("00000000-0000-0000-0000-000000000001", settings["AzureAd__TenantId"]);
        Assert.Equal("00000000-0000-0000-0000-000000000002", settings["AzureAd__ClientId"]);
        Assert.Equal("api://drone-delivery", settings["AzureAd__Audience"]);
        Assert.DoesNotContain("AzureAd__Audience", (await Scenario.Application("azure").RenderAsync()).The<V1ConfigMap>("gateway").Data.Keys);
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Gateway_understands_who_signs_its_tokens(string scenario)
    {
        var settings = (await Scenario.Application(scenario).RenderAsync()).The<V1ConfigMap>("gateway").Data;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(pair => pair.Key.Replace("__", ":"), pair => (string?)pair.Value)).Build();

        Assert.False(HostingOptions.IsLocal(configuration));
        var entra = EntraSettings.Read(configuration);
        Assert.Equal("https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/v2.0", entra.Authority);
        Assert.Equal([entra.Authority, "https://sts.windows.net/00000000-0000-0000-0000-000000000001/"], entra.Issuers);
        const string client = "00000000-0000-0000-0000-000000000002";
        Assert.Equal(scenario == "complete" ? ["api://drone-delivery"] : [client, $"api://{client}"], entra.Audiences);
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task ConfigMaps_hold_no_secrets_and_the_chart_makes_none(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        Assert.Empty(rendering.All<V1Secret>());
        string[] secret = ["key", "secret", "password", "connectionstring", "token"];
        Assert.All(rendering.All<V1ConfigMap>().SelectMany(map => map.Data), pair =>
        {
            Assert.DoesNotContain(secret, word => pair.Key.Contains(word, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain("AccountKey=", pair.Value);
        });
    }

    [Theory, MemberData(nameof(Scenarios.Application), MemberType = typeof(Scenarios))]
    public async Task Pods_take_their_own_settings_and_no_variable_is_given_twice(string scenario)
    {
        var rendering = await Scenario.Application(scenario).RenderAsync();
        foreach (var component in new[] { "silo", "gateway" })
        {
            var container = Assert.Single(rendering.The<V1Deployment>(component).Spec.Template.Spec.Containers);
            var map = rendering.The<V1ConfigMap>(component);
            Assert.Equal(map.Metadata.Name, Assert.Single(container.EnvFrom).ConfigMapRef.Name);
            var names = map.Data.Keys.Concat(container.Env.Select(variable => variable.Name)).ToList();
            Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        }
    }

    [Theory, InlineData("silo"), InlineData("gateway")]
    public async Task Key_of_the_store_comes_from_a_Secret_only_on_trial_clusters(string component)
    {
        var trial = Variable(await Scenario.Application("trial").RenderAsync())!;
        Assert.Equal(("cosmos", "account-key"), (trial.ValueFrom.SecretKeyRef.Name, trial.ValueFrom.SecretKeyRef.Key));
        Assert.Null(trial.Value);
        Assert.Null(Variable(await Scenario.Application("azure").RenderAsync()));

        V1EnvVar? Variable(Rendering rendering) =>
            rendering.The<V1Deployment>(component).Spec.Template.Spec.Containers[0].Env.SingleOrDefault(variable => variable.Name == AccountKey);
    }

    [Theory, InlineData("silo", 3), InlineData("gateway", 4)]
    public async Task Workload_identity_is_annotated_and_asked_for(string component, int identity)
    {
        var rendering = await Scenario.Application("azure").RenderAsync();
        var account = rendering.The<V1ServiceAccount>(component);
        Assert.Equal($"00000000-0000-0000-0000-{identity:D12}", account.Metadata.Annotations["azure.workload.identity/client-id"]);
        Assert.Equal("true", rendering.The<V1Deployment>(component).Spec.Template.Metadata.Labels["azure.workload.identity/use"]);

        var trial = await Scenario.Application("trial").RenderAsync();
        Assert.Null(trial.The<V1ServiceAccount>(component).Metadata.Annotations);
        Assert.DoesNotContain("azure.workload.identity/use", trial.The<V1Deployment>(component).Spec.Template.Metadata.Labels.Keys);
    }

    [Theory, InlineData("silo", "Notifications__EventGrid__Key=eventgrid-key,ThirdParty__ApiKey=acme-api-key,Notifications__SecretKey=webhook-key"), InlineData("gateway", "AzureMaps__Key=maps-key,Sharing__Key=sharing-key,Idempotency__Key=idempotency-key,DroneKeys__Secret=drone-key,ThirdParty__CallbackSecrets__acme__0=acme-callback-secret")]
    public async Task Secrets_of_the_vault_reach_the_environment(string component, string expected)
    {
        var rendering = await Scenario.Application("complete").RenderAsync();
        var vault = rendering.The<SecretProviderClass>(component);
        var secret = Assert.Single(vault.Spec.SecretObjects);
        var pod = rendering.The<V1Deployment>(component).Spec.Template.Spec;

        Assert.Equal("azure", vault.Spec.Provider);
        Assert.Equal("contoso-drones", vault.Spec.Parameters["keyvaultName"]);
        Assert.Equal(rendering.The<V1ServiceAccount>(component).Metadata.Annotations["azure.workload.identity/client-id"], vault.Spec.Parameters["clientID"]);

        // What is fetched, what becomes the Secret, and what the environment reads are the same.
        var fetched = StrictYaml.Read(vault.Spec.Parameters["objects"]).Single()["array"]!.AsArray().Select(item => StrictYaml.Read(item!.GetValue<string>()).Single()).ToList();
        Assert.All(fetched, item => Assert.Equal("secret", item["objectType"]!.GetValue<string>()));
        var objects = fetched.Select(item => item["objectName"]!.GetValue<string>()).ToList();
        Assert.Equal(objects, secret.Data.Select(data => data.ObjectName));
        var read = pod.Containers[0].Env.Where(variable => variable.ValueFrom?.SecretKeyRef?.Name == secret.SecretName).ToList();
        Assert.Equal(expected, string.Join(',', read.Select(variable => $"{variable.Name}={variable.ValueFrom.SecretKeyRef.Key}")));
        Assert.Equal(objects, read.Select(variable => variable.ValueFrom.SecretKeyRef.Key));

        // The driver syncs the Secret only while a pod mounts the class.
        var volume = Assert.Single(pod.Volumes, volume => volume.Csi is not null);
        Assert.Equal(vault.Metadata.Name, volume.Csi.VolumeAttributes["secretProviderClass"]);
        Assert.True(volume.Csi.ReadOnlyProperty);
        Assert.Single(pod.Containers[0].VolumeMounts, mount => mount.Name == volume.Name);
    }

    [Fact]
    public async Task Telemetry_is_exported_where_a_collector_is_named()
    {
        var rendering = await Scenario.Application("complete").RenderAsync();
        List<V1ConfigMap> settings = [rendering.The<V1ConfigMap>("silo"), rendering.The<V1ConfigMap>("gateway")];
        Assert.All(settings, map => Assert.Equal("http://collector.monitoring:4317", map.Data["OTEL_EXPORTER_OTLP_ENDPOINT"]));
        Assert.Equal(settings.Count, settings.Select(map => map.Data["OTEL_SERVICE_NAME"]).Distinct().Count());
        Assert.All((await Scenario.Application("azure").RenderAsync()).All<V1ConfigMap>(), map => Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", map.Data.Keys));
    }
}
