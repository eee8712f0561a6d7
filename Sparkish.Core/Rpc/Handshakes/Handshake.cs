#pragma warning disable MA0048 // the two sides of one handshake belong together
using System.Security.Cryptography;
using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The common part of both sides of a handshake: versions, transcript, proofs. It does no I/O and never waits; its owners drive it.</summary>
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
    /// The first version with realms in hellos, proofs of both secrets during a secret change, channels without TLS that are bound to their listening end, and
    /// probes. Earlier versions know the cluster's realm only.
    /// </summary>
    public const ushort FirstVersionWithRealms = 4;

    private const int ProofBytes = HMACSHA256.HashSizeInBytes;

    /// <summary>The negotiated version, once it is known.</summary>
    public ushort Spoken { get; private set; }

    protected static ReadOnlyMemory<byte> OwnPrelude { get; } = HandshakeFormat.EncodePrelude(new VersionRange(Version, OldestVersion));

    /// <summary>The realm that both sides prove, once it is known.</summary>
    public abstract Credential Credential { get; }

    protected bool KnowsRealms => Spoken >= FirstVersionWithRealms;

    private protected ChannelBinding Binding => binding;

    /// <summary>Settles the version: the newest that both sides speak.</summary>
    /// <exception cref="HandshakeException">The sides have no version in common.</exception>
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

    /// <summary>The id of the handshake, known to both sides and unique: it is derived from everything both sent, and from the channel.</summary>
    public Guid Id { get; private set; }

    protected static HelloMessage NewHello(Hello own, byte[] nonce, Credential credential) => new(own, nonce, credential.Proves, credential.Realm);

    protected static byte[] NewNonce() => RandomNumberGenerator.GetBytes(HandshakeFormat.NonceBytes);

    protected static void Expect(HandshakeStep expected, HandshakeStep came, ReadOnlySpan<byte> body)
    {
        if (came == expected) return;
        if (came == HandshakeStep.Refused) throw new HandshakeException($"it refused: {HandshakeFormat.DecodeRefusal(body)}") { IsOfPeer = true };
        throw new HandshakeException($"it sent step {(byte)came} of the handshake where step {(byte)expected} was expected");
    }

    /// <summary>A node with a secret refuses nodes without one.</summary>
    protected static void CheckSecrets(bool connecting, bool listening)
    {
        if (connecting == listening) return;
        var (has, lacks) = connecting ? ("connecting", "listening") : ("listening", "connecting");
        throw new HandshakeException(
            $"the {has} node authenticates (spark.authenticate) and the {lacks} node does not: give it the same spark.authenticate.secret", tellPeer: true);
    }

    /// <summary>No secret is proven where others can join the channel after the proof.</summary>
    protected void CheckChannel(bool proves)
    {
        if (proves && binding.IsShared)
            throw new HandshakeException("secrets are proven over TLS only, and the connecting node uses none on this channel", tellPeer: true);
    }

    /// <summary>The proofs of the listening side, one per secret; peers of earlier versions expect one.</summary>
    protected byte[] ProveAll(ProofSide side, ReadOnlySpan<byte> transcript)
    {
        var proofs = new List<byte>();
        foreach (var secret in KnowsRealms ? Credential.Secrets : Credential.Secrets.Take(1)) proofs.AddRange(secret.Prove(side, Spoken, transcript));
        return [.. proofs];
    }

    /// <summary>Finds the secret that one of a peer's proofs was made with; tries all of them, so that timing reveals nothing.</summary>
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

    /// <summary>Refuses an authenticated peer whose claims exceed its realm or its certificate.</summary>
    protected void CheckClaims(Hello peer, bool connects)
    {
        var (which, other) = connects ? ("connecting", "listening") : ("listening", "connecting");
        if (Realms.Refusal(Credential.Realm, peer.Roles, connects) is { } realm)
            throw new HandshakeException($"the {other} node does not accept the {which} node: {realm}", tellPeer: true);
        if (binding.Peer?.FindRefusal(peer.Roles, connects && peer.Address.Port > 0 ? peer.Address.Host : null) is { } certificate)
            throw new HandshakeException($"the {other} node does not accept the {which} node: {certificate}", tellPeer: true);
    }

    /// <summary>
    /// One hash of everything both sides have seen. It covers the hellos byte by byte, so that no third party can change a name, a version or a flag. It covers
    /// the certificates, so that both ends of one TLS channel prove themselves to each other and not to a relay. Without TLS it covers the dialled address,
    /// which must equal the accepted socket's: a relay listens elsewhere. On loopback that is enough, since the kernel lets no other user read or join a
    /// connection, or listen at an address in use.
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

/// <summary>The channel of a handshake: the hashes of the certificates presented on it, empty if there was none.</summary>
internal readonly record struct ChannelBinding(ReadOnlyMemory<byte> ServerCertificate, ReadOnlyMemory<byte> ClientCertificate)
{
    /// <summary>The listening end of a channel without TLS within this machine; empty for all others.</summary>
    public ReadOnlyMemory<byte> Endpoint { get; init; }

    /// <summary>Whether others can join the channel: nothing that is proven on it would hold.</summary>
    public bool IsShared { get; init; }

    /// <summary>The peer's certificate if certificates are in use.</summary>
    public PeerCertificate? Peer { get; init; }
}

/// <summary>The connecting side: sends its hello, then its proof once the listening side has proven itself.</summary>
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

    /// <summary>The hello of the listening side.</summary>
    public Hello Peer => _peer!;

    /// <summary>Processes the listening side's hello.</summary>
    /// <param name="prelude">The bytes before it.</param>
    /// <param name="step">The received step.</param>
    /// <param name="body">Its body.</param>
    public void TakeHello(ReadOnlySpan<byte> prelude, HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Hello, step, body);
        var message = HandshakeFormat.DecodeHello(body);
        CheckSecrets(connecting: Credential.Proves, listening: message.Authenticates);
        CheckChannel(Credential.Proves);
        if (!KnowsRealms && !Realms.IsOfNodes(Credential.Realm))
            throw new HandshakeException(
                $"the listening node speaks protocol version {Spoken}, which supports the cluster's secret only, and the connecting node has another: run the same release on both",
                    tellPeer: true);
        _peer = message.Hello;
        _serverHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
    }

    /// <summary>Verifies the listening side's proof.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        _proven = FindProven(ProofSide.Server, Transcript(_opening, _serverHello), body);
        if (Credential.Proves ? _proven is null : !body.IsEmpty)
            throw new HandshakeException(
                "the listening node's proof is wrong for the connecting node: their spark.authenticate.secret differ, or a third party intercepts the connection",
                    tellPeer: true);
        CheckClaims(Peer, connects: false);
        _serverProof = body.ToArray();
        Identify(Transcript(_opening, _serverHello, _serverProof));
    }

    /// <summary>This side's proof as sent, made with the secret that the listening side has proved.</summary>
    public byte[] Proof() => HandshakeFormat.Encode(
        HandshakeStep.Proof, _proven?.Prove(ProofSide.Client, Spoken, Transcript(_opening, _serverHello, _serverProof)) ?? []);

    /// <summary>Processes the verdict.</summary>
    /// <returns>Whether this connection is kept; otherwise another one with the peer is.</returns>
    public static bool TakeVerdict(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        if (step == HandshakeStep.Duplicate) return false;
        Expect(HandshakeStep.Accepted, step, body);
        return true;
    }
}

/// <summary>The listening side: answers a hello with its own and its proof, then verifies the connecting side's proof.</summary>
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

    /// <summary>The hello of the connecting side; not trustworthy before its proof was verified.</summary>
    public Hello Peer => _peer!;

    /// <summary>Processes the connecting side's hello.</summary>
    /// <returns>The reply: this side's prelude, hello and proof.</returns>
    public byte[] TakeHello(ReadOnlySpan<byte> prelude, HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Hello, step, body);
        var message = HandshakeFormat.DecodeHello(body);
        var realm = KnowsRealms ? message.Realm : message.Authenticates ? Realms.Cluster : Realms.None;
        var (credential, refusal) = toAccept(realm);
        _credential = credential ?? throw new HandshakeException(refusal!, tellPeer: true);
        CheckSecrets(connecting: message.Authenticates, listening: credential.Proves);
        CheckChannel(credential.Proves);
        _peer = message.Hello;
        _clientHello = [.. prelude, .. HandshakeFormat.Encode(step, body)];
        _answer = [.. OwnPrelude.Span, .. HandshakeFormat.EncodeHello(NewHello(own(_peer.Kind), nonce ?? NewNonce(), credential))];
        _proof = ProveAll(ProofSide.Server, Transcript(_clientHello, _answer));
        return [.. _answer, .. HandshakeFormat.Encode(HandshakeStep.Proof, _proof)];
    }

    /// <summary>Verifies the connecting side's proof: from here on the peer is authenticated.</summary>
    public void TakeProof(HandshakeStep step, ReadOnlySpan<byte> body)
    {
        Expect(HandshakeStep.Proof, step, body);
        if (Credential.Proves ? FindProven(ProofSide.Client, Transcript(_clientHello, _answer, _proof), body) is null : !body.IsEmpty)
            throw new HandshakeException(
                "the connecting node's proof is wrong for the listening node: their spark.authenticate.secret differ, or a third party intercepts the connection",
                    tellPeer: true);
        CheckClaims(Peer, connects: true);
        Identify(Transcript(_clientHello, _answer, _proof));
    }

    /// <summary>Returns a refusal of the connection.</summary>
    public byte[] Refusal(string reason) =>
        _answer.Length > 0 ? HandshakeFormat.EncodeRefusal(reason) : [.. OwnPrelude.Span, .. HandshakeFormat.EncodeRefusal(reason)];
}
