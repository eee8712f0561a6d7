using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The identity of the peer on a channel, as established by the handshake.</summary>
/// <param name="Hello">The hello of the peer.</param>
/// <param name="Version">The version of the protocol that both sides speak.</param>
/// <param name="IsAuthenticated">Whether the peer proved that it knows the secret, or presented a certificate that was verified.</param>
/// <param name="Order">The order of its hello among all hellos of this process: the hello of its predecessor at the same address is older.</param>
/// <param name="Realm">The realm whose secret both sides proved; empty without a secret.</param>
internal sealed record PeerIdentity(Hello Hello, ushort Version, bool IsAuthenticated, long Order, string Realm = Realms.None)
{
    /// <summary>The id of the peer's handshake, if the peer connected.</summary>
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
