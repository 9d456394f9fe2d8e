using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>The account's properties, which a client reads first.</summary>
/// <param name="options">What the account is like.</param>
/// <param name="endpoint">Where the account answers.</param>
internal sealed class AccountHandler(SimulatorOptions options, Func<Uri> endpoint)
{
    // The client refuses an account without these; it has no native query engine to hand them to on this platform.
    private const string QueryEngineConfiguration = """
        {"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlDisableOptimizationFlags":0,"sqlEnableParameterExpansionCheck":true}
        """;

    /// <summary>The properties.</summary>
    public CosmosAnswer Read()
    {
        // All regions are this process; which is asked makes no difference.
        var address = endpoint().ToString();
        var regions = options.Regions.Select(region => new { name = region, databaseAccountEndpoint = address }).ToArray();
        return CosmosAnswer.Of(200, JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["id"] = "simulator",
            ["_rid"] = "simulator",
            ["_self"] = "",
            ["_dbs"] = "//dbs/",
            ["media"] = "//media/",
            ["addresses"] = "//addresses/",
            ["writableLocations"] = options.MultipleWriteRegions ? regions : regions[..1],
            ["readableLocations"] = regions,
            ["enableMultipleWriteLocations"] = options.MultipleWriteRegions,
            ["userReplicationPolicy"] = new { asyncReplication = false, minReplicaSetSize = 3, maxReplicasetSize = 4 },
            ["systemReplicationPolicy"] = new { minReplicaSetSize = 3, maxReplicasetSize = 4 },
            ["userConsistencyPolicy"] = new { defaultConsistencyLevel = options.Consistency.ToString() },
            ["readPolicy"] = new { primaryReadCoefficient = 1, secondaryReadCoefficient = 1 },
            ["queryEngineConfiguration"] = QueryEngineConfiguration,
        }), null, Accounting.ChargeModel.Metadata);
    }
}
