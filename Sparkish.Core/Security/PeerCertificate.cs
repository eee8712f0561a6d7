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

    /// <summary>The hash by which both sides name a certificate.</summary>
    public static byte[] HashOf(X509Certificate certificate) => SHA256.HashData(certificate.GetRawCertData());

    /// <summary>Takes what the platform found; called during the TLS handshake.</summary>
    public void Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        if (certificate is not null) Hash = HashOf(certificate);
        Problem = Describe(certificate, chain, errors, host);
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
