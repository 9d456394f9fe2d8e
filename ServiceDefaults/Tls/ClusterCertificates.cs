using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DroneDelivery.Startup;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Tls;

/// <summary>The certificate of this process and the authorities it trusts, read from the files again when these have changed.</summary>
/// <param name="folder">Where the files are.</param>
/// <param name="name">The name that the certificate has to bear.</param>
/// <param name="purposes">Object identifiers of what it has to be meant for.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told which certificate is used.</param>
internal sealed partial class ClusterCertificates(
    string folder, string name, IReadOnlyList<string> purposes, TimeProvider time, ILogger<ClusterCertificates> logger)
{
    /// <summary>How old what was read may be when a connection is opened.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private static readonly string[] Files = ["tls.crt", "tls.key", "ca.crt"];

    private readonly Lock _lock = new();
    private string[]? _texts;
    private string? _warning;
    private long _readAt;
    private Credentials? _current;

    /// <summary>What a connection that is opened now has to use.</summary>
    /// <exception cref="StartupException">None has ever been readable.</exception>
    public Credentials Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is null) return _current = ReadFirst();
                if (time.GetElapsedTime(_readAt) >= MaxAge) Renew();
                return _current;
            }
        }
    }

    private Credentials ReadFirst()
    {
        try
        {
            _readAt = time.GetTimestamp();
            return Use(ReadFiles());
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            throw new StartupException($"{MutualTlsOptions.Section}:Directory is '{folder}', which holds no usable certificate ({exception.Message.TrimEnd('.')}); give it a tls.crt for {name}, its tls.key, and the ca.crt that signed it.", exception);
        }
    }

    private void Renew()
    {
        _readAt = time.GetTimestamp();
        try
        {
            var texts = ReadFiles();
            if (!texts.AsSpan().SequenceEqual(_texts)) _current = Use(texts);
            _warning = null;
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            if (exception.Message == _warning) return;
            _warning = exception.Message;
            LogUnusable(folder, _current!.Leaf.SerialNumber, exception.Message);
        }
    }

    private Credentials Use(string[] texts)
    {
        var credentials = Credentials.Parse(texts, name, purposes, time.GetUtcNow());
        _texts = texts;
        LogUsed(credentials.Leaf.Subject, credentials.Leaf.SerialNumber, credentials.Leaf.NotAfter.ToUniversalTime());
        return credentials;
    }

    private string[] ReadFiles() => [.. Files.Select(file => File.ReadAllText(Path.Combine(folder, file)))];

    private static bool IsUnusable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidDataException;

    [LoggerMessage(LogLevel.Information, "Certificate {Subject} with serial number {SerialNumber}, valid until {NotAfter:u}, is used for connections of the cluster")]
    private partial void LogUsed(string subject, string serialNumber, DateTime notAfter);

    [LoggerMessage(LogLevel.Warning, "Certificate in {Folder} changed and is not usable; the one with serial number {SerialNumber} is used instead: {Reason}")]
    private partial void LogUnusable(string folder, string serialNumber, string reason);

    /// <summary>A certificate with its key and its intermediates, and the authorities that other certificates must come from.</summary>
    internal sealed class Credentials
    {
        private readonly X509Certificate2Collection _authorities;

        private Credentials(X509Certificate2 leaf, X509Certificate2Collection intermediates, X509Certificate2Collection authorities)
        {
            (Leaf, _authorities) = (leaf, authorities);
            Context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
        }

        public X509Certificate2 Leaf { get; }

        public SslStreamCertificateContext Context { get; }

        /// <summary>How to judge another certificate: signed by our authorities alone, valid now, meant for the purpose that TLS adds.</summary>
        public X509ChainPolicy NewPolicy()
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(_authorities);
            return policy;
        }

        /// <param name="texts">The contents of <see cref="Files"/>, in this order.</param>
        /// <param name="name">The name that the certificate has to bear.</param>
        /// <param name="purposes">What it has to be meant for.</param>
        /// <param name="now">The time at which it has to be valid.</param>
        /// <exception cref="InvalidDataException">Others would refuse the certificate.</exception>
        /// <exception cref="CryptographicException">A file does not hold what it should.</exception>
        /// <exception cref="ArgumentException">The key is not that of the certificate.</exception>
        internal static Credentials Parse(string[] texts, string name, IReadOnlyList<string> purposes, DateTimeOffset now)
        {
            var leaf = X509Certificate2.CreateFromPem(texts[0], texts[1]);
            X509Certificate2Collection intermediates = [], authorities = [];
            intermediates.ImportFromPem(texts[0]);
            intermediates.RemoveAt(0);
            authorities.ImportFromPem(texts[2]);
            if (authorities.Count == 0) throw new InvalidDataException("ca.crt holds no certificate");
            if (!leaf.MatchesHostname(name, allowCommonName: false)) throw new InvalidDataException($"tls.crt is not for {name}");

            var credentials = new Credentials(leaf, intermediates, authorities);
            using var chain = new X509Chain { ChainPolicy = credentials.NewPolicy() };
            chain.ChainPolicy.VerificationTime = now.LocalDateTime;
            chain.ChainPolicy.ExtraStore.AddRange(intermediates);
            foreach (var purpose in purposes) chain.ChainPolicy.ApplicationPolicy.Add(new(purpose));
            if (!chain.Build(leaf))
                throw new InvalidDataException($"ca.crt does not vouch for tls.crt: {string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.')))}");
            return credentials;
        }
    }
}
