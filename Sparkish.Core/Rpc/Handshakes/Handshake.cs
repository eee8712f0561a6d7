#pragma warning disable MA0048 // the two sides of one handshake belong together
using System.Security.Cryptography;
using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>What the two sides of a handshake share: versions, transcript, proofs. No I/O and no waiting: the sides are driven by their owners.</summary>
/// <param name="binding">The channel that the handshake runs on.</param>
internal abstract class Handshake(ChannelBinding binding)
{
    /// <summary>The newest version of the protocol that this build speaks.</summary>
    public const ushort Version = 4;

    /// <summary>The oldest version of the protocol that this build speaks.</summary>
    public const ushort OldestVersion = 2;

    /// <summary>The first version in which receivers grant room by Credit frames.</summary>
    public const ushort FirstVersionWithCredit = 3;

    /// <summary>
    /// The first version in which a hello names the realm that is proven, the listening side proves itself with each of two secrets while one is changed,
    /// a channel without TLS is bound to its end on the listening side, and connections are probed. Earlier versions know the cluster's realm alone.
    /// </summary>
    public const ushort FirstVersionWithRealms = 4;

    private const int ProofBytes = HMACSHA256.HashSizeInBytes;

    /// <summary>The version that both sides speak, once it is known.</summary>
    public ushort Spoken { get; private set; }

    protected static ReadOnlyMemory<byte> OwnPrelude { get; } = HandshakeFormat.EncodePrelude(new VersionRange(Version, OldestVersion));

    /// <summary>What both sides prove, once it is known.</summary>
    public abstract Credential Credential { get; }

    protected bool KnowsRealms => Spoken >= FirstVersionWithRealms;

    private protected ChannelBinding Binding => binding;

    /// <summary>Settles the version: the newest that both sides speak.</summary>
    /// <exception cref="HandshakeException">Both sides have no version in common.</exception>
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

    /// <summary>By which both sides know the handshake, and nobody else makes the same: it follows from all that both said, and from the channel.</summary>
    public Guid Id { get; private set; }

    protected static HelloMessage NewHello(Hello own, byte[] nonce, Credential credential) => new(own, nonce, credential.Proves, credential.Realm);

    protected static byte[] NewNonce() => RandomNumberGenerator.GetBytes(HandshakeFormat.NonceBytes);

    protected static void Expect(HandshakeStep expected, HandshakeStep came, ReadOnlySpan<byte> body)
    {
        if (came == expected) return;
        if (came == HandshakeStep.Refused) throw new HandshakeException($"it refused: {HandshakeFormat.DecodeRefusal(body)}") { IsOfPeer = true };
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

    /// <summary>The proofs of the listening side, one for each of its secrets; peers of earlier versions expect one.</summary>
    protected byte[] ProveAll(ProofSide side, ReadOnlySpan<byte> transcript)
    {
        var proofs = new List<byte>();
        foreach (var secret in KnowsRealms ? Credential.Secrets : Credential.Secrets.Take(1)) proofs.AddRange(secret.Prove(side, Spoken, transcript));
        return [.. proofs];
    }

    /// <summary>Finds the secret with which one of a peer's proofs was made; all are tried, so that the time tells nothing.</summary>
    protected SharedSecret? FindProven(ProofSide side, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> proofs)
    {
        SharedSecret? found = null;
        if (proofs.IsEmpty || proofs.Length % ProofBytes != 0) return found;
        foreach (var secret in Credential.Secrets)
        {
            for (var at = 0; at < proofs.Length; at += ProofBytes)
            {
                if (secret.Verify(side, Spoken, transcript, proofs.Slice(at, ProofBytes))) found ??= secret;
            }
        }

        return found;
    }

    /// <summary>Refuses a peer that has proven itself but claims what its realm or its certificate does not vouch for.</summary>
    protected void CheckClaims(Hello peer, bool connects)
    {
        var (which, other) = connects ? ("connecting", "listening") : ("listening", "connecting");
        if (Realms.Refusal(Credential.Realm, peer.Roles, connects) is { } realm)
            throw new HandshakeException($"the {other} node does not accept the {which} node: {realm}", tellPeer: true);
        if (binding.Peer?.FindRefusal(peer.Roles, connects && peer.Address.Port > 0 ? peer.Address.Host : null) is { } certificate)
            throw new HandshakeException($"the {other} node does not accept the {which} node: {certificate}", tellPeer: true);
    }

    /// <summary>
    /// What both sides have seen, as one hash: the hellos byte by byte, so that nobody changed a name, a version or a flag, and the certificates, so
    /// that both ends of one TLS channel prove to each other and not to someone in the middle. Without TLS it is the address that was dialled, and that the
    /// accepted socket has: a relay listens elsewhere. On loopback that is enough, since the kernel lets no other user read or join a connection, or
    /// listen at an address that is taken.
    /// </summary>
    protected byte[] Transcript(ReadOnlySpan<byte> clientHello, ReadOnlySpan<byte> serverHello, ReadOnlySpan<byte> serverProof = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, clientHello);
        Append(hash, serverHello);
        Append(hash, binding.ServerCertificate.Span);
        Append(hash, binding.ClientCertificate.Span);
        Append(hash, serverProof);
        if (KnowsRealms) Append(hash, binding.Endpoint.Span);
        return hash.GetHashAndReset();
    }

    protected void Identify(ReadOnlySpan<byte> transcript) => Id = new Guid(transcript[..16]);

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        hash.AppendData(BitConverter.GetBytes(part.Length));
        hash.AppendData(part);
    }
}

/// <summary>The channel of a handshake: the hashes of the certificates that were shown on it, empty where none was.</summary>
internal readonly record struct ChannelBinding(ReadOnlyMemory<byte> ServerCertificate, ReadOnlyMemory<byte> ClientCertificate)
{
    /// <summary>The listening side's end of a channel without TLS within this machine; empty for every other one.</summary>
    public ReadOnlyMemory<byte> Endpoint { get; init; }

    /// <summary>The peer's certificate where certificates count.</summary>
    public PeerCertificate? Peer { get; init; }
}

/// <summary>The side that connects: hello, then its proof, once the listening side has proven itself.</summary>
internal sealed class ClientHandshake : Handshake
{
    private readonly byte[] _opening;
    private byte[] _serverHello = [];
    private byte[] _serverProof = [];
    private SharedSecret? _proven;
    private Hello? _peer;

    public ClientHandshake(Hello own, Credential credential, ChannelBinding binding, byte[]? nonce = null) : base(binding)
    {
        Credential = credential;
        _opening = [.. OwnPrelude.Span, .. HandshakeFormat.EncodeHello(NewHello(own, nonce ?? NewNonce(), credential))];
    }

    public override Credential Credential { get; }

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
        CheckSecrets(connecting: Credential.Proves, listening: message.Authenticates);
        if (!KnowsRealms && !Realms.IsOfNodes(Credential.Realm))
            throw new HandshakeException(
                $"the listening node speaks protocol version {Spoken}, which knows no secrets but the cluster's, and the connecting node has another: run the same release on both",
                    tellPeer: true);
        _peer = message.Hello;
        _serverHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
    }

    /// <summary>Takes the listening side's proof.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        _proven = FindProven(ProofSide.Server, Transcript(_opening, _serverHello), body);
        if (Credential.Proves ? _proven is null : !body.IsEmpty)
            throw new HandshakeException(
                "the listening node's proof is wrong for the connecting node: their spark.authenticate.secret differ, or someone stands between them",
                    tellPeer: true);
        CheckClaims(Peer, connects: false);
        _serverProof = body.ToArray();
        Identify(Transcript(_opening, _serverHello, _serverProof));
    }

    /// <summary>This side's proof, as it is sent: with the secret that the listening side has shown to know.</summary>
    public byte[] Proof() => HandshakeFormat.Encode(
        HandshakeStep.Proof, _proven?.Prove(ProofSide.Client, Spoken, Transcript(_opening, _serverHello, _serverProof)) ?? []);

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
internal sealed class ServerHandshake(
    Func<ConnectionKind, Hello> own, Func<string, (Credential? Credential, string? Refusal)> toAccept, ChannelBinding binding, byte[]? nonce = null)
    : Handshake(binding)
{
    private byte[] _clientHello = [];
    private byte[] _answer = [];
    private byte[] _proof = [];
    private Hello? _peer;
    private Credential? _credential;

    public override Credential Credential => _credential!;

    /// <summary>Who connects; to be believed once its proof was taken.</summary>
    public Hello Peer => _peer!;

    /// <summary>Takes the connecting side's hello.</summary>
    /// <returns>The answer: this side's prelude, hello and proof.</returns>
    public byte[] TakeHello(ReadOnlySpan<byte> prelude, HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Hello, step, body);
        var message = HandshakeFormat.DecodeHello(body);
        var realm = KnowsRealms ? message.Realm : message.Authenticates ? Realms.Cluster : Realms.None;
        var (credential, refusal) = toAccept(realm);
        _credential = credential ?? throw new HandshakeException(refusal!, tellPeer: true);
        CheckSecrets(connecting: message.Authenticates, listening: credential.Proves);
        _peer = message.Hello;
        _clientHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
        _answer = [.. OwnPrelude.Span, .. HandshakeFormat.EncodeHello(NewHello(own(_peer.Kind), nonce ?? NewNonce(), credential))];
        _proof = ProveAll(ProofSide.Server, Transcript(_clientHello, _answer));
        return [.. _answer, .. HandshakeFormat.Encode(HandshakeStep.Proof, _proof)];
    }

    /// <summary>Takes the connecting side's proof: from here on it is known.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        if (Credential.Proves ? FindProven(ProofSide.Client, Transcript(_clientHello, _answer, _proof), body) is null : !body.IsEmpty)
            throw new HandshakeException(
                "the connecting node's proof is wrong for the listening node: their spark.authenticate.secret differ, or someone stands between them",
                    tellPeer: true);
        CheckClaims(Peer, connects: true);
        Identify(Transcript(_clientHello, _answer, _proof));
    }

    /// <summary>Says why there will be no connection.</summary>
    public byte[] Refusal(string reason) =>
        _answer.Length > 0 ? HandshakeFormat.EncodeRefusal(reason) : [.. OwnPrelude.Span, .. HandshakeFormat.EncodeRefusal(reason)];
}
