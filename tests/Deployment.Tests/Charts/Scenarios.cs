namespace DroneDelivery.Deployment.Charts;

/// <summary>Names of scenarios, for theories.</summary>
internal static class Scenarios
{
    /// <summary>Every scenario of the application's chart.</summary>
    public static TheoryData<string> Application() => new(Scenario.Of("drone-delivery").Select(scenario => scenario.Name));

    /// <summary>Every scenario of the platform's chart.</summary>
    public static TheoryData<string> Platform() => new(Scenario.Of("platform").Select(scenario => scenario.Name));

    /// <summary>Every chart and scenario.</summary>
    public static TheoryData<string, string> All() =>
        new(new[] { "drone-delivery", "platform" }.SelectMany(Scenario.Of).Select(scenario => (scenario.Chart, scenario.Name)));
}
