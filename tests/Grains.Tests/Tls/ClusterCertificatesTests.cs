using System.Security.Cryptography.X509Certificates;
using DroneDelivery.Startup;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Tls;

/// <summary>Certificates that change while a process runs.</summary>
public sealed class ClusterCertificatesTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly Warnings _log = new();
    private readonly string _folder;

    public ClusterCertificatesTests() => _folder = _authority.NewFolder(_authority.Issue(TestAuthority.Silo));

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void New_files_are_used_once_the_earlier_ones_are_old_enough()
    {
        var certificates = Certificates();
        var earlier = certificates.Current;
        using var later = _authority.Issue(TestAuthority.Silo);

        _authority.Put(later, _folder);
        Assert.Same(earlier, certificates.Current);
        _time.Advance(ClusterCertificates.MaxAge);

        Assert.Equal(later.SerialNumber, certificates.Current.Leaf.SerialNumber);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Files_that_did_not_change_are_not_parsed_again()
    {
        var certificates = Certificates();
        var earlier = certificates.Current;

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Same(earlier, certificates.Current);
    }

    public static TheoryData<string> Unusable => ["half", "another key", "another name", "expired", "foreign", "for clients only", "gone"];

    [Theory, MemberData(nameof(Unusable))]
    public void Unusable_files_leave_the_earlier_certificate_in_use_and_are_warned_of_once(string what)
    {
        var certificates = Certificates();
        var earlier = certificates.Current;

        Spoil(what);
        for (var look = 0; look < 3; look++)
        {
            _time.Advance(ClusterCertificates.MaxAge);
            Assert.Same(earlier, certificates.Current);
        }

        Assert.Single(_log.Lines);
        using var mended = _authority.Issue(TestAuthority.Silo);
        _authority.Put(mended, _folder);
        _time.Advance(ClusterCertificates.MaxAge);
        Assert.Equal(mended.SerialNumber, certificates.Current.Leaf.SerialNumber);
    }

    [Theory, MemberData(nameof(Unusable))]
    public void Unusable_files_at_start_end_in_a_sentence(string what)
    {
        Spoil(what);

        var exception = Assert.Throws<StartupException>(() => Certificates().Current);

        Assert.StartsWith($"Orleans:Tls:Directory is '{_folder}', which holds no usable certificate (", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("); give it a tls.crt for silo.drone-delivery, its tls.key, and the ca.crt that signed it.", exception.Message, StringComparison.Ordinal);
    }

    private ClusterCertificates Certificates() =>
        new(_folder, TestAuthority.Silo, [TestAuthority.ServerAuthentication, TestAuthority.ClientAuthentication], _time, _log);

    private void Spoil(string what)
    {
        using var foreign = new TestAuthority();
        using var good = _authority.Issue(TestAuthority.Silo);
        using var other = _authority.Issue(TestAuthority.Silo);
        var (certificate, key) = (good.ExportCertificatePem(), good.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        switch (what)
        {
            case "half": _authority.Put(_folder, certificate[..(certificate.Length / 2)], key); break;
            case "another key": _authority.Put(_folder, other.ExportCertificatePem(), key); break;
            case "another name": _authority.Put(_authority.Issue(TestAuthority.Gateway), _folder); break;
            case "expired": _authority.Put(_authority.Issue(TestAuthority.Silo, validFor: TimeSpan.FromHours(23)), _folder); break;
            case "foreign": _authority.Put(foreign.Issue(TestAuthority.Silo), _folder); break;
            case "for clients only": _authority.Put(_authority.Issue(TestAuthority.Silo, TestAuthority.ClientAuthentication), _folder); break;
            case "gone": File.Delete(Path.Combine(_folder, "..data")); break;
        }
    }

    private sealed class Warnings : ILogger<ClusterCertificates>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) Lines.Add(formatter(state, exception));
        }
    }
}
