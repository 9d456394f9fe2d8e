using System.Reflection;
using DroneDelivery.Deployment.Charts;

namespace DroneDelivery.Deployment.Infrastructure;

/// <summary>The real Bicep compiler, from its NuGet package. It needs no Azure.</summary>
internal static class Bicep
{
    private static readonly string Program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "Bicep").Value!;

    /// <summary>Runs the compiler in <c>infra/</c>.</summary>
    public static Task<Answer> RunAsync(params IEnumerable<string> arguments) => RunInAsync(Repository.At("infra"), arguments);

    /// <summary>Runs the compiler in a folder.</summary>
    public static Task<Answer> RunInAsync(string folder, params IEnumerable<string> arguments) => Command.RunAsync(Program, arguments, folder: folder);
}
