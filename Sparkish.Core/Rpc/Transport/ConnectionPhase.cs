using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The phase of a <see cref="Connection"/>: dialling, greeting, open, closing, closed. Each phase has the fields that are valid in it; the connection moves
/// from one to the next. Phases are immutable.
/// </summary>
/// <param name="addresses">The addresses by which this env knows the peer; the advertised one is last.</param>
internal abstract class ConnectionPhase(IReadOnlyList<RpcAddress> addresses)
{
    /// <summary>The addresses by which this env knows the peer.</summary>
    public IReadOnlyList<RpcAddress> Addresses => addresses;

    /// <summary>The address that the peer advertises; before its hello, the dialled one.</summary>
    public RpcAddress Peer => addresses[^1];

    /// <summary>Adds the address that the peer advertises.</summary>
    protected static IReadOnlyList<RpcAddress> Join(IReadOnlyList<RpcAddress> known, RpcAddress advertised) =>
        [.. known.Where(address => address != advertised), advertised];
}

/// <summary>This env dials; the peer's own dialling would be as welcome.</summary>
internal sealed class DiallingPhase(RpcAddress peer, DialAttempt attempt) : ConnectionPhase([peer])
{
    public DialAttempt Attempt => attempt;

    /// <summary>This env is about to send its proof: the peer may accept it, so only the rule that both sides know can cancel it now.</summary>
    public GreetingPhase Commit(Hello hello, long order) => new(Join(Addresses, hello.Address), hello, order, attempt, isOurs: true);

    /// <summary>The peer's dialling establishes the connection.</summary>
    public GreetingPhase Promise(PeerIdentity peer) => new(Join(Addresses, peer.Hello.Address), peer.Hello, peer.Order, attempt, isOurs: false);
}

/// <summary>One handshake, this env's or the peer's, establishes the connection.</summary>
internal sealed class GreetingPhase(IReadOnlyList<RpcAddress> addresses, Hello hello, long order, DialAttempt? attempt, bool isOurs, bool isAccepted = false)
    : ConnectionPhase(addresses)
{
    public Hello Hello => hello;

    /// <summary>The order of the hello among all hellos of this process.</summary>
    public long Order => order;

    /// <summary>This env's own dialling; null if the peer dialled alone.</summary>
    public DialAttempt? Attempt => attempt;

    /// <summary>Whether this env's dialling establishes the connection; otherwise the peer's channel is about to be handed over.</summary>
    public bool IsOurs => isOurs;

    /// <summary>Whether the peer has accepted this env's dialling, which is final.</summary>
    public bool IsAccepted => isAccepted;

    /// <summary>The handshake of a peer without one of this env.</summary>
    public static GreetingPhase OfPeer(PeerIdentity peer) => new([peer.Hello.Address], peer.Hello, peer.Order, null, isOurs: false);

    /// <summary>The peer has accepted this env's dialling.</summary>
    public GreetingPhase Accept() => new(Addresses, hello, order, attempt, isOurs: true, isAccepted: true);

    /// <summary>The peer's dialling establishes the connection after all.</summary>
    public GreetingPhase Promise(PeerIdentity peer) => new(Addresses, peer.Hello, peer.Order, attempt, isOurs: false);

    /// <summary>The handshake is done.</summary>
    public OpenPhase Open(IChannel channel, PeerIdentity peer, IncomingFrames frames, KeepAlive keepAlive) =>
        new(Join(Addresses, peer.Hello.Address), channel, peer, frames, keepAlive, isOurs);
}

/// <summary>Frames go both ways.</summary>
internal sealed class OpenPhase(IReadOnlyList<RpcAddress> addresses, IChannel channel, PeerIdentity peer,
    IncomingFrames frames, KeepAlive keepAlive, bool isOurs) : ConnectionPhase(addresses)
{
    /// <summary>Whether this env dialled.</summary>
    public bool IsOurs => isOurs;

    public IChannel Channel => channel;

    public PeerIdentity Identity => peer;

    public IncomingFrames Frames => frames;

    public KeepAlive KeepAlive => keepAlive;
}

/// <summary>This env has announced that it sends no more; frames of the peer are read until the peer closes the connection, too.</summary>
internal sealed class ClosingPhase(OpenPhase open) : ConnectionPhase(open.Addresses)
{
    public OpenPhase Open => open;
}

/// <summary>The connection has ended, or could not be established.</summary>
internal sealed class ClosedPhase(IReadOnlyList<RpcAddress> addresses) : ConnectionPhase(addresses);
