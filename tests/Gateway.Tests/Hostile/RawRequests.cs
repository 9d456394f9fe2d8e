using System.Text;

namespace DroneDelivery.Gateway.Tests.Hostile;

/// <summary>Bytes as only a broken or evil client sends them.</summary>
internal static class RawRequests
{
    private const string Good = "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    private static readonly string[] Ends =
    [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", "/ GET\r\n\r\n", "\r\n\r\n\r\n\r\n", "\0\0\0\0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET http://evil.example/api/probe HTTP/1.1\r\nHost: localhost\r\n\r\n", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/probe HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "GET /api/probe HTTP/1.1\r\nHost : localhost\r\n\r\n", "GET /api/probe HTTP/1.1\r\n Host: localhost\r\n\r\n",
        "GET /%ff%fe%00/api HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /api/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /\\..\\x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2, 3\r\n\r\n{}", "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"a\":",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n",
        "POST /api/drones/telemetry HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
        "POST /api/deliveryrequests HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\u001f\u008b\0\0",
        "GET /api/probe HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET /api/probe HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "GET /api/probe HTTP/1.0\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
    ];

    public static byte[] Next(Random random)
    {
        var text = random.Next(6) switch
        {
            0 => Good[..random.Next(Good.Length)],
            1 => $"GET /{new string('x', random.Next(40_000))} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            2 => $"GET /api/probe HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, random.Next(3_000)).Select(i => $"X-{i}: {i}\r\n"))}\r\n",
            3 => $"GET /api/probe HTTP/1.1\r\nHost: localhost\r\nX: {new string('y', random.Next(100_000))}\r\n\r\n",
            _ => Ends[random.Next(Ends.Length)],
        };
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length > 0 && random.Next(3) == 0)
        {
            for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }
}
