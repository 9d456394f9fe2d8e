using System.Text.Json;
using DroneDelivery.CosmosSimulator.Store;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Serialization.HybridRow;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.IO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Layouts;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.RecordIO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Schemas;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Batches travel as HybridRow records; the client library carries their schemas.</summary>
internal static class BatchCodec
{
    private const string SchemaResource = "Microsoft.Azure.Cosmos.Batch.HybridRowBatchSchemas.json";

    private static readonly Namespace Schemas = Namespace.Parse(ReadSchemas());
    private static readonly LayoutResolverNamespace Layouts = new(Schemas);
    private static readonly Layout ResultLayout = Layouts.Resolve(Schemas.Schemas.Find(schema => schema.Name == "BatchResult")!.SchemaId);

    /// <summary>Reads the operations of a batch, each with its own partition key where it has one.</summary>
    /// <exception cref="RefusedException">The body is no batch.</exception>
    public static async Task<IReadOnlyList<(ItemOperation Operation, LogicalKey? Key)>> ReadAsync(ReadOnlyMemory<byte> body)
    {
        var operations = new List<(ItemOperation, LogicalKey?)>();
        using var stream = new MemoryStream(body.ToArray());

        // Without a buffer to begin with nothing would be read.
        var buffer = new MemorySpanResizer<byte>(Math.Max(body.Length, 1));
        var result = await stream.ReadRecordIOAsync(
            (ReadOnlyMemory<byte> record) =>
            {
                operations.Add(ReadOperation(record));
                return Result.Success;
            },
            resizer: buffer);
        return result == Result.Success ? operations : throw RefusedException.BadRequest($"The batch cannot be read: {result}.");
    }

    /// <summary>Writes the results of a batch.</summary>
    public static async Task<byte[]> WriteAsync(IReadOnlyList<BatchResult> results)
    {
        using var stream = new MemoryStream();
        var result = await stream.WriteRecordIOAsync(default, (long index, out ReadOnlyMemory<byte> buffer) =>
        {
            buffer = index < results.Count ? WriteResult(results[(int)index]) : default;
            return Result.Success;
        });
        return result == Result.Success ? stream.ToArray() : throw new InvalidOperationException($"The results of a batch cannot be written: {result}.");
    }

    private static (ItemOperation, LogicalKey?) ReadOperation(ReadOnlyMemory<byte> record)
    {
        var row = new RowBuffer(record.Length);
        if (!row.ReadFrom(record.Span, HybridRowVersion.V1, Layouts)) throw RefusedException.BadRequest("An operation of the batch cannot be read.");

        int kind = -1;
        string? id = null, key = null, ifMatch = null, ifNoneMatch = null;
        var withoutContent = false;
        JsonElement body = default;
        var reader = new RowReader(ref row);
        while (reader.Read())
        {
            switch ((string)reader.Path)
            {
                case "operationType":
                    Check(reader.ReadInt32(out kind));
                    break;
                case "id":
                    Check(reader.ReadString(out id));
                    break;
                case "partitionKey":
                    Check(reader.ReadString(out key));
                    break;
                case "ifMatch":
                    Check(reader.ReadString(out ifMatch));
                    break;
                case "ifNoneMatch":
                    Check(reader.ReadString(out ifNoneMatch));
                    break;
                case "minimalReturnPreference":
                    Check(reader.ReadBool(out withoutContent));
                    break;
                case "resourceBody":
                    Check(reader.ReadBinary(out byte[] bytes));
                    body = ParseBody(bytes);
                    break;
            }
        }

        return (new ItemOperation(Kind(kind), id, body, ifMatch, ifNoneMatch, withoutContent), key is null ? null : LogicalKey.Parse(key));
    }

    private static ReadOnlyMemory<byte> WriteResult(BatchResult result)
    {
        var resizer = new MemorySpanResizer<byte>(256 + (result.Body?.Length ?? 0));
        var row = new RowBuffer(resizer.Memory.Length, resizer);
        row.InitLayout(HybridRowVersion.V1, ResultLayout, Layouts);
        Check(RowWriter.WriteBuffer(ref row, result, WriteFields));
        return resizer.Memory[..row.Length];
    }

    private static Result WriteFields(ref RowWriter writer, TypeArgument type, BatchResult result)
    {
        Check(writer.WriteInt32("statusCode", result.Status));
        Check(writer.WriteInt32("subStatusCode", result.SubStatus));
        if (result.ETag is not null) Check(writer.WriteString("eTag", result.ETag));
        if (result.Body is not null) Check(writer.WriteBinary("resourceBody", result.Body));
        if (result.RetryAfter is { } wait) Check(writer.WriteUInt32("retryAfterMilliseconds", (uint)wait.TotalMilliseconds));
        Check(writer.WriteFloat64("requestCharge", result.Charge));
        return Result.Success;
    }

    private static RequestKind Kind(int operationType) => operationType switch
    {
        0 => RequestKind.CreateItem,
        1 => RequestKind.PatchItem,
        2 => RequestKind.ReadItem,
        4 => RequestKind.DeleteItem,
        5 => RequestKind.ReplaceItem,
        20 => RequestKind.UpsertItem,
        _ => throw RefusedException.BadRequest($"The operation type {operationType} is not allowed in a batch."),
    };

    private static JsonElement ParseBody(byte[] bytes)
    {
        try
        {
            return JsonElement.Parse(bytes);
        }
        catch (JsonException failure)
        {
            throw RefusedException.BadRequest($"The body of an operation of the batch is no JSON: {failure.Message}");
        }
    }

    private static void Check(Result result)
    {
        if (result != Result.Success) throw RefusedException.BadRequest($"The batch makes no sense: {result}.");
    }

    private static string ReadSchemas()
    {
        using var resource = typeof(CosmosClient).Assembly.GetManifestResourceStream(SchemaResource)
            ?? throw new InvalidOperationException($"The client library has no resource {SchemaResource}.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
