using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sparkish.Diagnostics;

namespace Sparkish.Security;

/// <summary>The result of TLS for the peer's certificate on one connection.</summary>
internal sealed class PeerCertificate
{
    private const int MaxSubjectChars = 256;

    /// <summary>The certificate's SHA-256; empty if the peer presented none.</summary>
    public ReadOnlyMemory<byte> Hash { get; private set; }

    /// <summary>The reason why the certificate is not trusted; null if it is.</summary>
    public string? Problem { get; private set; }

    /// <summary>The certificate, if a CA has signed it.</summary>
    private X509Certificate2? Trusted { get; set; }

    /// <summary>Whether a connecting peer must advertise a host that its certificate names.</summary>
    public bool VerifiesHost { get; init; }

    /// <summary>The hash by which both sides name a certificate.</summary>
    public static byte[] HashOf(X509Certificate certificate) => SHA256.HashData(certificate.GetRawCertData());

    /// <summary>Records the platform's result; called during the TLS handshake.</summary>
    public void Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        if (certificate is not null) Hash = HashOf(certificate);
        Problem = Describe(certificate, chain, errors, host);
        Trusted = Problem is null ? certificate as X509Certificate2 : null;
    }

    /// <summary>Keeps the facts needed later, since TLS disposes the certificate.</summary>
    public void Keep()
    {
        if (Trusted is not null) Trusted = X509CertificateLoader.LoadCertificate(Trusted.RawDataMemory.Span);
    }

    /// <summary>
    /// Returns the reason why the certificate does not cover its owner's claims, without a full stop; null if it does, or if certificates are not used.
    /// </summary>
    /// <param name="roles">The roles that it claims.</param>
    /// <param name="host">The advertised host; null if it need not be checked.</param>
    public string? FindRefusal(IReadOnlyList<string> roles, string? host)
    {
        if (Trusted is not { } certificate) return null;
        if (host is not null && VerifiesHost && !certificate.MatchesHostname(host))
            return $"it advertises the host '{host}', for which its certificate '{certificate.Subject}' is not valid (spark.ssl.rpc.verifyHostname)";
        var granted = CertificateRoles.Of(certificate);
        if (granted.Count == 0) return null;
        return roles.FirstOrDefault(role => ClusterRoles.IsOne(role) && !granted.Contains(role)) is { } claimed
            ? $"it claims the role {claimed}, but its certificate '{certificate.Subject}' is for {string.Join(", ", granted)} ({CertificateRoles.UrnPrefix}…)"
            : null;
    }

    private static string? Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        if (certificate is null) return "it presented no certificate";
        if (errors == SslPolicyErrors.None) return null;
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is not valid for the host '{host}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) reasons.AddRange(ChainReasons(certificate, chain));
        return $"its certificate '{LogText.Shorten(certificate.Subject, MaxSubjectChars)}' is not trusted: {string.Join("; ", reasons.Distinct(StringComparer.Ordinal))}";
    }

    private static IEnumerable<string> ChainReasons(X509Certificate certificate, X509Chain? chain)
    {
        foreach (var status in chain?.ChainStatus ?? [])
        {
            yield return status.Status switch
            {
                X509ChainStatusFlags.NotTimeValid when certificate is X509Certificate2 dated =>
                    string.Create(CultureInfo.InvariantCulture,
                        $"it is valid from {dated.NotBefore.ToUniversalTime():u} to {dated.NotAfter.ToUniversalTime():u}, or an issuer's certificate is outside its validity period"),
                X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot => "no CA in spark.ssl.rpc.trustStore has signed it",
                X509ChainStatusFlags.NotValidForUsage => "it is not meant for this use (extended key usage)",
                _ => status.StatusInformation.Trim().TrimEnd('.'),
            };
        }
    }
}
