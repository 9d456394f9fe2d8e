using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DroneDelivery.Tls;

/// <summary>An authority that issues certificates to the processes of a test, in folders as cert-manager and the kubelet lay them out.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string Silo = "silo.drone-delivery";
    public const string Gateway = "gateway.drone-delivery";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly Lazy<TestAuthority> OfThisRun = new(() =>
    {
        var authority = new TestAuthority();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => authority.Dispose();
        return authority;
    });

    private readonly DirectoryInfo _folders = Directory.CreateTempSubdirectory("drone-delivery-tls-");
    private readonly X509Certificate2 _root;
    private int _issued;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    /// <summary>The one that the processes of this run share unless a test is about certificates.</summary>
    public static TestAuthority Shared => OfThisRun.Value;

    /// <summary>A folder with a certificate for silos.</summary>
    public string SiloFolder { get => field ??= NewFolder(Issue(Silo)); private set; }

    /// <summary>A folder with a certificate for gateways.</summary>
    public string GatewayFolder { get => field ??= NewFolder(Issue(Gateway, ClientAuthentication)); private set; }

    /// <summary>What ca.crt holds.</summary>
    public string Certificate => _root.ExportCertificatePem();

    /// <summary>Issues a certificate for both purposes unless one is given, valid since yesterday for <paramref name="validFor"/>, or two days.</summary>
    public X509Certificate2 Issue(string name, string? purpose = null, TimeSpan? validFor = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var purposes = purpose is null ? new OidCollection { new(ServerAuthentication), new(ClientAuthentication) } : [new(purpose)];
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical: false));
        var start = DateTimeOffset.UtcNow.AddDays(-1);
        using var issued = request.Create(_root, start, start + (validFor ?? TimeSpan.FromDays(2)), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>Makes a folder of its own for a certificate and the authority that vouches for it.</summary>
    public string NewFolder(X509Certificate2 certificate)
    {
        var folder = _folders.CreateSubdirectory($"{Interlocked.Increment(ref _issued)}").FullName;
        Put(certificate, folder);
        foreach (var file in new[] { "tls.crt", "tls.key", "ca.crt" }) File.CreateSymbolicLink(Path.Combine(folder, file), Path.Combine("..data", file));
        return folder;
    }

    /// <summary>Puts a certificate in the place of the one in a folder, at once, as the kubelet does.</summary>
    public void Put(X509Certificate2 certificate, string folder) =>
        Put(folder, certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

    /// <summary>Puts any text in the place of a certificate and its key.</summary>
    public void Put(string folder, string certificate, string key)
    {
        var version = Directory.CreateDirectory(Path.Combine(folder, $"..{Guid.NewGuid():N}")).FullName;
        File.WriteAllText(Path.Combine(version, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(version, "tls.key"), key);
        File.WriteAllText(Path.Combine(version, "ca.crt"), Certificate);
        var data = Path.Combine(folder, "..data");
        if (!Directory.Exists(data))
        {
            File.CreateSymbolicLink(data, Path.GetFileName(version));
            return;
        }

        // .NET replaces no link to a folder.
        var link = File.CreateSymbolicLink($"{data}_tmp", Path.GetFileName(version)).FullName;
        using var move = Process.Start("mv", ["-T", link, data]);
        move.WaitForExit();
    }

    public void Dispose()
    {
        _root.Dispose();
        if (_folders.Exists) _folders.Delete(recursive: true);
    }
}
