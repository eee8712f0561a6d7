using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Who is at the other end of a channel, as the handshake has found out.</summary>
/// <param name="Hello">What the peer said of itself.</param>
/// <param name="Version">The version of the protocol that both sides speak.</param>
/// <param name="IsAuthenticated">Whether the peer proved that it knows the secret, or showed a certificate that was checked.</param>
/// <param name="Order">When its hello came, among all hellos of this process: what a predecessor at its address said came before.</param>
/// <param name="Realm">The realm whose secret both sides proved; empty without a secret.</param>
internal sealed record PeerIdentity(Hello Hello, ushort Version, bool IsAuthenticated, long Order, string Realm = Realms.None)
{
    /// <summary>Which handshake of the peer it was, where the peer connected.</summary>
    public Guid Handshake { get; init; }

    /// <summary>Whether the peer answers probes.</summary>
    public bool AnswersProbes => Version >= Handshakes.Handshake.FirstVersionWithRealms;

    /// <summary>Whether the peer grants room to send for each of its endpoints.</summary>
    public bool GrantsCredit => Version >= Handshakes.Handshake.FirstVersionWithCredit;

    /// <summary>Whether the peer knows messages with the context of a span.</summary>
    public bool TakesTraces => Version >= Handshakes.Handshake.FirstVersionWithCredit;

    /// <summary>The same as endpoints see it.</summary>
    /// <param name="dialledAs">The address under which it was dialled; null when it dialled.</param>
    public RpcPeer ToPeer(RpcAddress? dialledAs) => new(Hello.Address, Hello.Incarnation, Hello.Roles, IsAuthenticated, dialledAs, Realm);
}
