using System.Net;
using System.Net.Sockets;
using DroneDelivery.Startup;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// Before a silo joins, it strikes off members that died without saying so and whose ports nobody answers any more. A joining silo must reach every
/// active member, so after all of them were killed at once the first one to come back would wait for the others in vain. All members of a
/// local cluster live on this machine, where a refused connection is proof.
/// </summary>
internal sealed partial class DepartedSilos(SqliteStore store, IOptions<ClusterOptions> cluster, ILogger<DepartedSilos> logger) : IStartupCheck
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (endpoint, generation) in Members())
        {
            if (!IPAddress.IsLoopback(endpoint.Address) || !await IsRefusedAsync(endpoint, cancellationToken)) continue;
            await StrikeOffAsync(endpoint, generation, cancellationToken);
            LogStruckOff(endpoint, generation);
        }
    }

    private List<(IPEndPoint Endpoint, int Generation)> Members()
    {
        using var connection = store.OpenConnection();
        using var command = (SqliteCommand)connection.CreateCommand();
        command.CommandText = "SELECT Address, Port, Generation FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND Status <> @Dead";
        command.Parameters.AddWithValue("@DeploymentId", cluster.Value.ClusterId);
        command.Parameters.AddWithValue("@Dead", (int)SiloStatus.Dead);
        using var reader = command.ExecuteReader();
        var members = new List<(IPEndPoint, int)>();
        while (reader.Read()) members.Add((new IPEndPoint(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1)), reader.GetInt32(2)));
        return members;
    }

    private static async Task<bool> IsRefusedAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConnectTimeout);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, timeout.Token);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task StrikeOffAsync(IPEndPoint endpoint, int generation, CancellationToken cancellationToken)
    {
        using var command = new SqliteCommand();
        command.Parameters.AddWithValue("@DeploymentId", cluster.Value.ClusterId);
        command.Parameters.AddWithValue("@Address", endpoint.Address.ToString());
        command.Parameters.AddWithValue("@Port", endpoint.Port);
        command.Parameters.AddWithValue("@Generation", generation);
        command.Parameters.AddWithValue("@Dead", (int)SiloStatus.Dead);
        await store.Writer.ExecuteAsync(
            """
            UPDATE OrleansMembershipTable SET Status = @Dead
            WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation AND Status <> @Dead;
            UPDATE OrleansMembershipVersionTable SET Version = Version + 1 WHERE DeploymentId = @DeploymentId AND changes() = 1;
            """,
            command.Parameters,
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Struck off silo {Endpoint} of generation {Generation}, which is gone")]
    private partial void LogStruckOff(IPEndPoint endpoint, int generation);
}
