#pragma warning disable MA0048 // the two sides of one handshake stand together
using System.Security.Cryptography;
using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>What the two sides of a handshake share: versions, transcript, proofs. No I/O and no waiting: the sides are driven by their owners.</summary>
/// <param name="secret">What is proven, or null where nobody proves anything.</param>
/// <param name="binding">The channel that the handshake runs on.</param>
internal abstract class Handshake(ClusterSecret? secret, ChannelBinding binding)
{
    /// <summary>The newest version of the protocol that this build speaks.</summary>
    public const ushort Version = 3;

    /// <summary>The oldest version of the protocol that this build speaks.</summary>
    public const ushort OldestVersion = 2;

    /// <summary>The first version in which receivers grant room by Credit frames.</summary>
    public const ushort FirstVersionWithCredit = 3;

    /// <summary>The version that both sides speak, once it is known.</summary>
    public ushort Spoken { get; private set; }

    protected static ReadOnlyMemory<byte> OwnPrelude { get; } = HandshakeFormat.EncodePrelude(new VersionRange(Version, OldestVersion));

    protected bool HasSecret => secret is not null;

    /// <summary>Settles the version: the newest that both sides speak.</summary>
    /// <exception cref="HandshakeException">There is none.</exception>
    public void TakePrelude(ReadOnlySpan<byte> prelude)
    {
        var peer = HandshakeFormat.DecodePrelude(prelude);
        Spoken = Math.Min(peer.Newest, Version);
        if (Spoken >= peer.Oldest && Spoken >= OldestVersion) return;
        var older = peer.Newest < Version ? "the peer is the older one" : "this node is the older one";
        throw new HandshakeException(
            $"it speaks protocol version {peer.Newest} and this node {Version}; {older}: run releases on all nodes that are at most one version apart",
                tellPeer: true);
    }

    protected static HelloMessage NewHello(Hello own, byte[]? nonce, bool authenticates) =>
        new(own, nonce ?? RandomNumberGenerator.GetBytes(HandshakeFormat.NonceBytes), authenticates);

    protected static void Expect(HandshakeStep expected, HandshakeStep came, ReadOnlySpan<byte> body)
    {
        if (came == expected) return;
        if (came == HandshakeStep.Refused) throw new HandshakeException($"it refused: {HandshakeFormat.DecodeRefusal(body)}");
        throw new HandshakeException($"it sent step {(byte)came} of the handshake where step {(byte)expected} was due");
    }

    /// <summary>A node that has a secret speaks with none that has not.</summary>
    protected static void CheckSecrets(bool connecting, bool listening)
    {
        if (connecting == listening) return;
        var (has, lacks) = connecting ? ("connecting", "listening") : ("listening", "connecting");
        throw new HandshakeException(
            $"the {has} node authenticates (spark.authenticate) and the {lacks} node does not: give it the same spark.authenticate.secret", tellPeer: true);
    }

    /// <summary>This side's proof: empty where there is no secret.</summary>
    protected byte[] Prove(ProofSide side, ReadOnlySpan<byte> transcript) => secret?.Prove(side, Spoken, transcript) ?? [];

    protected bool IsProven(ProofSide side, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> proof) =>
        secret?.Verify(side, Spoken, transcript, proof) ?? proof.IsEmpty;

    /// <summary>
    /// What both sides have seen, as one hash: the hellos byte by byte, so that nobody changed a name, a version or a flag, and the certificates, so
    /// that both ends of one TLS channel prove to each other and not to someone in the middle.
    /// </summary>
    protected byte[] Transcript(ReadOnlySpan<byte> clientHello, ReadOnlySpan<byte> serverHello, ReadOnlySpan<byte> serverProof = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, clientHello);
        Append(hash, serverHello);
        Append(hash, binding.ServerCertificate.Span);
        Append(hash, binding.ClientCertificate.Span);
        Append(hash, serverProof);
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        hash.AppendData(BitConverter.GetBytes(part.Length));
        hash.AppendData(part);
    }
}

/// <summary>The TLS channel of a handshake: the hashes of the certificates that were shown on it, empty where none was.</summary>
internal readonly record struct ChannelBinding(ReadOnlyMemory<byte> ServerCertificate, ReadOnlyMemory<byte> ClientCertificate);

/// <summary>The side that connects: hello, then its proof, once the listening side has proven itself.</summary>
internal sealed class ClientHandshake : Handshake
{
    private readonly byte[] _opening;
    private byte[] _serverHello = [];
    private byte[] _serverProof = [];
    private Hello? _peer;

    public ClientHandshake(Hello own, ClusterSecret? secret, ChannelBinding binding, byte[]? nonce = null) : base(secret, binding) =>
        _opening = [.. OwnPrelude.Span, .. HandshakeFormat.EncodeHello(NewHello(own, nonce, HasSecret))];

    /// <summary>The first bytes of the connection.</summary>
    public ReadOnlyMemory<byte> Opening => _opening;

    /// <summary>Who listens.</summary>
    public Hello Peer => _peer!;

    /// <summary>Takes the listening side's hello.</summary>
    /// <param name="prelude">The bytes that came before it.</param>
    /// <param name="step">What came.</param>
    /// <param name="body">Its body.</param>
    public void TakeHello(ReadOnlySpan<byte> prelude, HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Hello, step, body);
        var message = HandshakeFormat.DecodeHello(body);
        CheckSecrets(connecting: HasSecret, listening: message.Authenticates);
        _peer = message.Hello;
        _serverHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
    }

    /// <summary>Takes the listening side's proof.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        if (!IsProven(ProofSide.Server, Transcript(_opening, _serverHello), body))
            throw new HandshakeException(
                "the listening node's proof is wrong for the connecting node: their spark.authenticate.secret differ, or someone stands between them",
                    tellPeer: true);
        _serverProof = body.ToArray();
    }

    /// <summary>This side's proof, as it is sent.</summary>
    public byte[] Proof() => HandshakeFormat.Encode(HandshakeStep.Proof, Prove(ProofSide.Client, Transcript(_opening, _serverHello, _serverProof)));

    /// <summary>Takes the outcome.</summary>
    /// <returns>Whether this connection stands; else another one with the peer does.</returns>
    public static bool TakeVerdict(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        if (step == HandshakeStep.Duplicate) return false;
        Expect(HandshakeStep.Accepted, step, body);
        return true;
    }
}

/// <summary>The side that listens: answers a hello with its own and its proof, then checks the connecting side's proof.</summary>
internal sealed class ServerHandshake(Func<ConnectionKind, Hello> own, ClusterSecret? secret, ChannelBinding binding, byte[]? nonce = null)
    : Handshake(secret, binding)
{
    private byte[] _clientHello = [];
    private byte[] _answer = [];
    private byte[] _proof = [];
    private Hello? _peer;

    /// <summary>Who connects; to be believed once its proof was taken.</summary>
    public Hello Peer => _peer!;

    /// <summary>Takes the connecting side's hello.</summary>
    /// <returns>The answer: this side's prelude, hello and proof.</returns>
    public byte[] TakeHello(ReadOnlySpan<byte> prelude, HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Hello, step, body);
        var message = HandshakeFormat.DecodeHello(body);
        CheckSecrets(connecting: message.Authenticates, listening: HasSecret);
        _peer = message.Hello;
        _clientHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
        _answer = [.. OwnPrelude.Span, .. HandshakeFormat.EncodeHello(NewHello(own(_peer.Kind), nonce, HasSecret))];
        _proof = Prove(ProofSide.Server, Transcript(_clientHello, _answer));
        return [.. _answer, .. HandshakeFormat.Encode(HandshakeStep.Proof, _proof)];
    }

    /// <summary>Takes the connecting side's proof: from here on it is known.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        if (!IsProven(ProofSide.Client, Transcript(_clientHello, _answer, _proof), body))
            throw new HandshakeException(
                "the connecting node's proof is wrong for the listening node: their spark.authenticate.secret differ, or someone stands between them",
                    tellPeer: true);
    }

    /// <summary>Says why there will be no connection.</summary>
    public byte[] Refusal(string reason) =>
        _answer.Length > 0 ? HandshakeFormat.EncodeRefusal(reason) : [.. OwnPrelude.Span, .. HandshakeFormat.EncodeRefusal(reason)];
}
