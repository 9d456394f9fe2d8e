using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Databases.</summary>
/// <param name="account">What is stored.</param>
internal sealed class DatabaseHandler(SimulatedAccount account)
{
    /// <summary>Creates a database.</summary>
    public CosmosAnswer Create(CosmosRequest request) => Answer(201, account.CreateDatabase(MetadataName.Of(request.Json)));

    /// <summary>Reads a database.</summary>
    public CosmosAnswer Read(CosmosRequest request) => Answer(200, account.Database(request.Address.Database!));

    /// <summary>Deletes a database.</summary>
    public CosmosAnswer Delete(CosmosRequest request)
    {
        account.DeleteDatabase(account.Database(request.Address.Database!));
        return new CosmosAnswer { Status = 204, Charge = ChargeModel.Metadata };
    }

    /// <summary>Lists or queries databases.</summary>
    public CosmosAnswer List(CosmosRequest request) => MetadataList.Page(request, "Databases", "", account.Databases.Select(database => database.Properties));

    private static CosmosAnswer Answer(int status, SimulatedDatabase database) =>
        CosmosAnswer.Of(status, database.Properties, database.Properties.GetProperty("_etag").GetString(), ChargeModel.Metadata);
}
