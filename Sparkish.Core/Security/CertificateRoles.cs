using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Security;

/// <summary>
/// The roles that a certificate grants: URIs <c>urn:sparkish:role:ROLE</c> among its subject alternative names. One without such names grants all.
/// </summary>
internal static class CertificateRoles
{
    public const string UrnPrefix = "urn:sparkish:role:";

    private const string AlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        var roles = new List<string>();
        foreach (var extension in certificate.Extensions.Where(static extension => extension.Oid?.Value == AlternativeNames))
        {
            foreach (var uri in Uris(extension.RawData))
            {
                if (uri.StartsWith(UrnPrefix, StringComparison.OrdinalIgnoreCase)) roles.Add(uri[UrnPrefix.Length..]);
            }
        }

        return roles;
    }

    private static List<string> Uris(ReadOnlyMemory<byte> names)
    {
        var uris = new List<string>();
        try
        {
            var sequence = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag().HasSameClassAndValue(Uri)) uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                else sequence.ReadEncodedValue();
            }
        }
        catch (AsnContentException error)
        {
            throw new CryptographicException("The certificate's alternative names cannot be read.", error);
        }

        return uris;
    }
}
