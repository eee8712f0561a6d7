#pragma warning disable MA0048 // which side proves belongs with the proof
using System.Security.Cryptography;
using System.Text;
using Sparkish.Configuration;

namespace Sparkish.Security;

/// <summary>The side that proves its knowledge of the secret.</summary>
internal enum ProofSide
{
    /// <summary>The node that listens.</summary>
    Server,

    /// <summary>The node that connects.</summary>
    Client,
}

/// <summary>
/// The secret that the nodes of one realm share. Only a key derived from it is kept (HKDF-SHA256). Each side of each protocol version proves with a different
/// key (HMAC-SHA256), so that a reflected proof, or one of another version, is wrong. Thread-safe.
/// </summary>
internal sealed class SharedSecret
{
    public const int MinBytes = 16;

    private readonly byte[] _key;

    public SharedSecret(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinBytes);
        _key = new byte[HMACSHA256.HashSizeInBytes];
        HKDF.Extract(HashAlgorithmName.SHA256, secret, "Sparkish cluster secret"u8, _key);
    }

    /// <summary>Creates a random secret for a realm.</summary>
    public static byte[] NewBytes() => RandomNumberGenerator.GetBytes(32);

    /// <summary>
    /// Returns the key of users or of one user, as text for a user's settings: it is derived, so that its holder can neither compute nor prove this secret, nor
    /// the key of another user.
    /// </summary>
    /// <param name="realm">The realm that the key proves: <see cref="Realms.Client"/> or <see cref="Realms.OfUser"/>.</param>
    public string ToClientKey(string realm = Realms.Client)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, _key, key, realm is Realms.Client ? "client key"u8 : Encoding.UTF8.GetBytes($"key of {realm}"));
        var text = $"{realm}:{Convert.ToBase64String(key)}";
        CryptographicOperations.ZeroMemory(key);
        return text;
    }

    /// <summary>The secret of the realm of users, or of one user.</summary>
    public SharedSecret ToClientSecret(string realm) => new(Encoding.UTF8.GetBytes(ToClientKey(realm)));

    /// <summary>Returns the key that signs and verifies tokens for HTTP (HMAC-SHA256). It is derived, so that a token says nothing about this secret.</summary>
    public byte[] ToTokenKey()
    {
        var key = new byte[HMACSHA256.HashSizeInBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, _key, key, "token key"u8);
        return key;
    }

    /// <summary>Proves knowledge of the secret for one handshake.</summary>
    /// <param name="side">The proving side.</param>
    /// <param name="version">The protocol version that both speak.</param>
    /// <param name="transcript">The hash of all earlier messages of the handshake, and of its channel.</param>
    public byte[] Prove(ProofSide side, ushort version, ReadOnlySpan<byte> transcript)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        ReadOnlySpan<byte> label = side == ProofSide.Server ? "server proof"u8 : "client proof"u8;
        HKDF.Expand(HashAlgorithmName.SHA256, _key, key, [.. label, (byte)version, (byte)(version >> 8)]);
        var proof = HMACSHA256.HashData(key, transcript);
        CryptographicOperations.ZeroMemory(key);
        return proof;
    }

    /// <summary>Whether a peer's proof is right; the time is the same for all wrong ones.</summary>
    public bool Verify(ProofSide side, ushort version, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> proof) =>
        CryptographicOperations.FixedTimeEquals(Prove(side, version, transcript), proof);

    /// <summary>Never the secret.</summary>
    public override string ToString() => Redaction.Replacement;
}
