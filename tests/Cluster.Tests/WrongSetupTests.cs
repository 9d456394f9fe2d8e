using DroneDelivery.Processes;
using DroneDelivery.Tls;
using Microsoft.Data.Sqlite;

namespace DroneDelivery;

/// <summary>A silo that is set up wrongly says so in one sentence and leaves everything as it is.</summary>
[Collection(nameof(Processes))]
public sealed class WrongSetupTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("Storage__Provider", "Oracle", "Storage:Provider is 'Oracle'")]
    [InlineData("Storage__Provider", "1", "Storage:Provider is '1'")]
    [InlineData("Storage__Provider", "Cosmos", "Storage:Cosmos:AccountEndpoint is missing")]
    [InlineData("Storage__Sqlite__Path", "", "Storage:Sqlite:Path is empty")]
    [InlineData("Storage__Sqlite__LockTimeout", "soon", "Storage:Sqlite:LockTimeout is 'soon'")]
    [InlineData("Orleans__Endpoints__SiloPort", "http", "Orleans:Endpoints:SiloPort is 'http'")]
    [InlineData("Orleans__Endpoints__GatewayPort", "70000", "Orleans:Endpoints:GatewayPort is '70000'")]
    [InlineData("Orleans__Endpoints__AdvertisedIPAddress", "here", "Orleans:Endpoints:AdvertisedIPAddress is 'here'")]
    [InlineData("Orleans__Endpoints__AdvertisedIPAddress", "10.1.2.3", "local mode is for one machine alone")]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:8081", "listens on loopback only")]
    [InlineData("Notifications__AllowLocalWebhooks", "perhaps", "Notifications:AllowLocalWebhooks is 'perhaps'; set it to true or false.")]
    public async Task Wrong_setting_ends_in_one_sentence(string name, string value, string says)
    {
        await AssertRefusedAsync(says, silo => silo.Environment[name] = value);
        Assert.False(File.Exists(_data.Store));
    }

    [Theory]
    [InlineData("AccountEndpoint", "somewhere", "the account endpoint 'somewhere' is not an address")]
    [InlineData("AccountEndpoint", "http://127.0.0.1:1", "account http://127.0.0.1:1 cannot be reached")]
    [InlineData("ConnectionString", "AccountEndpoint=https://name.documents.azure.com", "Storage:Cosmos:ConnectionString is set beside AccountEndpoint or AccountKey")]
    [InlineData("AccountKey", "not a key", "the account key is not in base64")]
    [InlineData("ConnectionMode", "Fast", "Storage:Cosmos:ConnectionMode is 'Fast'")]
    [InlineData("CreateResources", "perhaps", "Storage:Cosmos:CreateResources is 'perhaps'")]
    [InlineData("DatabaseName", "a/b", "DatabaseName is 'a/b'")]
    public async Task Wrong_account_ends_in_one_sentence(string name, string value, string says) => await AssertRefusedAsync(says, silo =>
    {
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Environment["Storage__Provider"] = "Cosmos";
        silo.Environment["Storage__Cosmos__AccountEndpoint"] = "http://127.0.0.1:1";
        silo.Environment["Storage__Cosmos__AccountKey"] = "a2V5";
        silo.Environment["Storage__Cosmos__ConnectionMode"] = "Gateway";
        silo.Environment["Notifications__SecretKey"] = CosmosStore.SecretKey;
        silo.Environment[$"Storage__Cosmos__{name}"] = value;
    }, beforeTheSilo: false);

    [Theory]
    [InlineData("EventGrid__Endpoint", "contoso", "Notifications:EventGrid:Endpoint")]
    [InlineData("EventGrid__Endpoint", "http://contoso.example.org", "must begin with https://")]
    [InlineData("EventGrid__Endpoint", "https://contoso.example.org/api/events", "leave out the path")]
    [InlineData("EventGrid__Topic", "deliveries", "no Endpoint")]
    [InlineData("QueueCapacity", "0", "QueueCapacity")]
    [InlineData("LastRetry", "00:00:01", "LastRetry")]
    [InlineData("SecretKey", "short", "Notifications:SecretKey is not a key")]
    public Task Wrong_setting_of_notifications_is_refused(string name, string value, string says) =>
        AssertRefusedAsync(says, silo => silo.Environment[$"Notifications__{name}"] = value, beforeTheSilo: false);

    [Theory]
    [InlineData("Scheduling__LostContact", "soon", "Scheduling:LostContact is 'soon'; set it to a time such as 00:00:05.")]
    [InlineData("Drones__BatteryReserve", "a fifth", "Drones:BatteryReserve is 'a fifth'; set it to a number.")]
    [InlineData("Logging__LogLevel__Default", "Loud", "Loud")]
    public Task Setting_that_cannot_be_read_is_refused(string name, string value, string says) => AssertRefusedAsync(says, silo => silo.Environment[name] = value, beforeTheSilo: false);

    [Theory]
    [InlineData("Tracking__Pause", "soon", "Tracking:Pause is 'soon'; set it to a time such as 00:00:05.")]
    [InlineData("RateLimits__Reports__Burst", "many", "RateLimits:Reports:Burst is 'many'; set it to a whole number.")]
    [InlineData("Authorization__OwnerClaim", " ", "Authorization:OwnerClaim is ' '; set it to the name of a claim")]
    [InlineData("Logging__LogLevel__Default", "Loud", "Loud")]
    public async Task Setting_of_the_gateway_that_cannot_be_read_is_refused(string name, string value, string says)
    {
        await using var gateway = new GatewayProcess(_data.Store);
        gateway.Environment[name] = value;

        gateway.Start();

        Assert.Equal(1, await gateway.ExitCodeAsync());
        Assert.Contains(says, gateway.Errors, StringComparison.Ordinal);
        Assert.Single(gateway.Errors.Split('\n'));
        Assert.EndsWith(".", gateway.Errors, StringComparison.Ordinal);
    }

    [Theory, InlineData("Silo"), InlineData("Gateway")]
    public async Task Missing_certificates_are_refused_outside_local_mode(string executable)
    {
        await using ServiceProcess process = executable is "Silo" ? new SiloProcess(_data.Store) : new GatewayProcess(_data.Store);
        process.Environment["Hosting__Mode"] = "Kubernetes";

        process.Start();

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.StartsWith("Orleans:Tls:Directory is missing; set it to the folder with", process.Errors, StringComparison.Ordinal);
        Assert.Single(process.Errors.Split('\n'));
    }

    [Theory]
    [InlineData("Directory", "/nowhere", "Orleans:Tls:Directory is '/nowhere', which holds no usable certificate")]
    [InlineData("Domain", "*", "Orleans:Tls:Domain is '*'")]
    public Task Wrong_certificates_are_refused(string name, string value, string says) => AssertRefusedAsync(says, silo =>
    {
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Environment[$"Orleans__Tls__{name}"] = value;
    });

    [Fact]
    public Task Missing_key_of_webhook_secrets_is_refused_outside_local_mode() => AssertRefusedAsync("Notifications:SecretKey is missing", silo =>
    {
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Environment["Storage__Provider"] = "Cosmos";
        silo.Environment["Storage__Cosmos__AccountEndpoint"] = "http://127.0.0.1:1";
        silo.Environment["Storage__Cosmos__AccountKey"] = "a2V5";
    }, beforeTheSilo: false);

    [Fact]
    public Task Local_webhooks_outside_local_mode_are_refused() => AssertRefusedAsync("Notifications:AllowLocalWebhooks", silo =>
    {
        silo.UseTls(TestAuthority.Shared.SiloFolder);
        silo.Environment["Storage__Provider"] = "Cosmos";
        silo.Environment["Storage__Cosmos__AccountEndpoint"] = "http://127.0.0.1:1";
        silo.Environment["Storage__Cosmos__AccountKey"] = "a2V5";
        silo.Environment["Notifications__AllowLocalWebhooks"] = "true";
    }, beforeTheSilo: false);

    [Fact]
    public async Task Store_of_a_newer_schema_is_left_as_it_is()
    {
        Make(_data.Store, "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x44724F72; PRAGMA user_version = 4; CREATE TABLE Future (Id);");
        await AssertUntouchedAsync("newer than schema 3");
    }

    [Fact]
    public async Task Store_of_a_newer_schema_that_only_its_log_knows_is_refused()
    {
        using var writer = Make(_data.File("original.db"), "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA application_id = 0x44724F72; PRAGMA user_version = 4;", keepOpen: true);
        File.Copy(_data.File("original.db"), _data.Store);
        File.Copy(_data.File("original.db-wal"), _data.Store + "-wal");
        var log = await File.ReadAllBytesAsync(_data.Store + "-wal", TestContext.Current.CancellationToken);

        await AssertUntouchedAsync("newer than schema 3");

        Assert.Equal(log, await File.ReadAllBytesAsync(_data.Store + "-wal", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Database_of_another_program_is_left_as_it_is()
    {
        Make(_data.Store, "CREATE TABLE Recipes (Id); INSERT INTO Recipes VALUES (1);");
        await AssertUntouchedAsync("another program");
    }

    [Fact]
    public async Task File_that_is_no_database_is_left_as_it_is()
    {
        await File.WriteAllTextAsync(_data.Store, "My diary, not to be written over.", TestContext.Current.CancellationToken);
        await AssertUntouchedAsync("is not a SQLite database");
    }

    [Fact]
    public async Task Folder_in_place_of_the_store_is_refused()
    {
        Directory.CreateDirectory(_data.Store);
        await AssertRefusedAsync("is a folder");
    }

    [Fact]
    public async Task Folder_that_cannot_be_made_is_refused()
    {
        // Below a file nobody can make a folder, not even root.
        await File.WriteAllTextAsync(_data.File("file"), "", TestContext.Current.CancellationToken);
        await AssertRefusedAsync("cannot be written", silo => silo.Environment["Storage__Sqlite__Path"] = _data.File("file/store.db"));
    }

    [Theory]
    [InlineData("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE Held (Id);")]
    [InlineData("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE Held (Id);")]
    public async Task Store_locked_by_another_program_is_left_as_it_is(string hold)
    {
        using var holder = Make(_data.Store, hold, keepOpen: true);
        await AssertRefusedAsync("is locked by another program", silo => silo.Environment["Storage__Sqlite__LockTimeout"] = "00:00:01");
    }

    private async Task AssertUntouchedAsync(string says)
    {
        var before = await File.ReadAllBytesAsync(_data.Store, TestContext.Current.CancellationToken);
        await AssertRefusedAsync(says);
        Assert.Equal(before, await File.ReadAllBytesAsync(_data.Store, TestContext.Current.CancellationToken));
    }

    private async Task AssertRefusedAsync(string says, Action<SiloProcess>? setUp = null, bool beforeTheSilo = true)
    {
        await using var silo = new SiloProcess(_data.Store);
        setUp?.Invoke(silo);

        silo.Start();

        Assert.Equal(1, await silo.ExitCodeAsync());
        Assert.Contains(says, silo.Errors, StringComparison.Ordinal);
        Assert.Single(silo.Errors.Split('\n'));
        Assert.EndsWith(".", silo.Errors, StringComparison.Ordinal);
        if (beforeTheSilo) Assert.Equal("", silo.Output);
    }

    private static SqliteConnection Make(string path, string sql, bool keepOpen = false)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        if (!keepOpen) connection.Dispose();
        return connection;
    }
}
