using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sparkish.Diagnostics;

namespace Sparkish.Security;

/// <summary>What TLS found out about the certificate of the peer on one connection.</summary>
internal sealed class PeerCertificate
{
    private const int MaxSubjectChars = 256;

    /// <summary>The certificate's SHA-256; empty when the peer showed none.</summary>
    public ReadOnlyMemory<byte> Hash { get; private set; }

    /// <summary>Why the certificate is not to be trusted; null when it is.</summary>
    public string? Problem { get; private set; }

    /// <summary>The certificate, where a CA vouches for it.</summary>
    private X509Certificate2? Trusted { get; set; }

    /// <summary>Whether a peer that connects must advertise a host that its certificate names.</summary>
    public bool VerifiesHost { get; init; }

    /// <summary>The hash by which both sides name a certificate.</summary>
    public static byte[] HashOf(X509Certificate certificate) => SHA256.HashData(certificate.GetRawCertData());

    /// <summary>Takes what the platform found; called during the TLS handshake.</summary>
    public void Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        if (certificate is not null) Hash = HashOf(certificate);
        Problem = Describe(certificate, chain, errors, host);
        Trusted = Problem is null ? certificate as X509Certificate2 : null;
    }

    /// <summary>Keeps what is asked later, since TLS lets the certificate go.</summary>
    public void Keep()
    {
        if (Trusted is not null) Trusted = X509CertificateLoader.LoadCertificate(Trusted.RawDataMemory.Span);
    }

    /// <summary>
    /// Why the certificate does not vouch for what its owner claims, without a full stop; null where it does, or where certificates do not count.
    /// </summary>
    /// <param name="roles">The roles that it claims.</param>
    /// <param name="host">The host that it advertises; null where that is not to be checked.</param>
    public string? FindRefusal(IReadOnlyList<string> roles, string? host)
    {
        if (Trusted is not { } certificate) return null;
        if (host is not null && VerifiesHost && !certificate.MatchesHostname(host))
            return $"it advertises the host '{host}', for which its certificate '{certificate.Subject}' is not (spark.ssl.rpc.verifyHostname)";
        var granted = CertificateRoles.Of(certificate);
        if (granted.Count == 0) return null;
        return roles.FirstOrDefault(role => ClusterRoles.IsOne(role) && !granted.Contains(role)) is { } claimed
            ? $"it claims the role {claimed}, and its certificate '{certificate.Subject}' is for {string.Join(", ", granted)} ({CertificateRoles.UrnPrefix}…)"
            : null;
    }

    private static string? Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        if (certificate is null) return "it shows no certificate";
        if (errors == SslPolicyErrors.None) return null;
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is not for the host '{host}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) reasons.AddRange(ChainReasons(certificate, chain));
        return $"its certificate '{LogText.Shorten(certificate.Subject, MaxSubjectChars)}' is not to be trusted: {string.Join("; ", reasons.Distinct(StringComparer.Ordinal))}";
    }

    private static IEnumerable<string> ChainReasons(X509Certificate certificate, X509Chain? chain)
    {
        foreach (var status in chain?.ChainStatus ?? [])
        {
            yield return status.Status switch
            {
                X509ChainStatusFlags.NotTimeValid when certificate is X509Certificate2 dated =>
                    string.Create(CultureInfo.InvariantCulture,
                        $"it is valid from {dated.NotBefore.ToUniversalTime():u} to {dated.NotAfter.ToUniversalTime():u}, or one above it is out of its time"),
                X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot => "no CA in spark.ssl.rpc.trustStore has signed it",
                X509ChainStatusFlags.NotValidForUsage => "it is not meant for this use (extended key usage)",
                _ => status.StatusInformation.Trim().TrimEnd('.'),
            };
        }
    }
}
