using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>The account's properties, which a client reads first.</summary>
internal static class AccountHandler
{
    // The client refuses an account without these; it has no native query engine to hand them to on this platform.
    private const string QueryEngineConfiguration = """
        {"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlDisableOptimizationFlags":0,"sqlEnableParameterExpansionCheck":true}
        """;

    /// <summary>The properties.</summary>
    /// <param name="endpoint">Where the account answers.</param>
    public static CosmosAnswer Read(Uri endpoint)
    {
        object[] locations = [new { name = "Simulator", databaseAccountEndpoint = endpoint.ToString() }];
        return CosmosAnswer.Of(200, JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["id"] = "simulator",
            ["_rid"] = "simulator",
            ["_self"] = "",
            ["_dbs"] = "//dbs/",
            ["media"] = "//media/",
            ["addresses"] = "//addresses/",
            ["writableLocations"] = locations,
            ["readableLocations"] = locations,
            ["enableMultipleWriteLocations"] = false,
            ["userReplicationPolicy"] = new { asyncReplication = false, minReplicaSetSize = 3, maxReplicasetSize = 4 },
            ["systemReplicationPolicy"] = new { minReplicaSetSize = 3, maxReplicasetSize = 4 },
            ["userConsistencyPolicy"] = new { defaultConsistencyLevel = "Session" },
            ["readPolicy"] = new { primaryReadCoefficient = 1, secondaryReadCoefficient = 1 },
            ["queryEngineConfiguration"] = QueryEngineConfiguration,
        }), null, Accounting.ChargeModel.Metadata);
    }
}
