using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc;

/// <summary>
/// The env at the other end of a connection, as identified by the handshake: the origin of a message. Two peers are equal if they are the same env,
/// authenticated in the same way.
/// </summary>
public sealed class RpcPeer : IEquatable<RpcPeer>
{
    /// <summary>Creates the peer of a connection. For implementers of envs.</summary>
    /// <param name="address">The address that it advertises.</param>
    /// <param name="incarnation">Identifies the start of the node.</param>
    /// <param name="roles">The roles that it claims, none of which its authentication forbids.</param>
    /// <param name="isAuthenticated">Whether it is authenticated.</param>
    /// <param name="dialledAs">The address under which this env dialled it; null when it dialled this env.</param>
    public RpcPeer(RpcAddress address, long incarnation, IReadOnlyList<string> roles, bool isAuthenticated, RpcAddress? dialledAs)
        : this(address, incarnation, roles, isAuthenticated, dialledAs, Realms.None)
    {
    }

    internal RpcPeer(RpcAddress address, long incarnation, IReadOnlyList<string> roles, bool isAuthenticated, RpcAddress? dialledAs, string realm)
    {
        ArgumentNullException.ThrowIfNull(roles);
        (Address, Incarnation, Roles, IsAuthenticated, DialledAs, Realm) = (address, incarnation, roles, isAuthenticated, dialledAs, realm);
        Senders = SendersOf(roles, realm);
    }

    /// <summary>The address that it advertises.</summary>
    public RpcAddress Address { get; }

    /// <summary>Identifies the start of the node.</summary>
    public long Incarnation { get; }

    /// <summary>The roles that it claims, such as <c>worker</c>; its authentication does not forbid them.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>The realm of the secret that it proved: <c>cluster</c>, <c>client</c>, <c>client:USER</c>, <c>app:ID</c>, or empty without a secret.</summary>
    public string Realm { get; }

    /// <summary>Whether it is authenticated, by a secret or by a certificate.</summary>
    public bool IsAuthenticated { get; }

    /// <summary>The address under which this env dialled it; null when it dialled this env.</summary>
    public RpcAddress? DialledAs { get; }

    /// <summary>The messages that are accepted from it.</summary>
    public Senders Senders { get; }

    /// <summary>Whether two are the same start of the same env; which of both dialled does not count.</summary>
    public bool IsSameEnvAs(RpcPeer? other) =>
        other is not null && other.Address == Address && other.Incarnation == Incarnation && string.Equals(other.Realm, Realm, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(RpcPeer? other) => IsSameEnvAs(other) && other!.DialledAs == DialledAs;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RpcPeer);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Incarnation);

    /// <summary>The address, with roles and realm.</summary>
    public override string ToString()
    {
        var realm = Realm.Length == 0 ? "" : $", {Realm}";
        return $"{Address} ({(Roles.Count == 0 ? "no role" : string.Join(' ', Roles))}{realm})";
    }

    private static Senders SendersOf(IReadOnlyList<string> roles, string realm)
    {
        var senders = Senders.None;
        foreach (var role in roles)
        {
            senders |= role switch
            {
                ClusterRoles.Master => Senders.Master,
                ClusterRoles.Worker => Senders.Worker,
                ClusterRoles.Driver => Senders.Driver,
                ClusterRoles.Executor => Senders.Executor,
                _ => Senders.None,
            };
        }

        if (senders == Senders.None) senders = Senders.Other;
        return Realms.IsOfNodes(realm) ? senders | Senders.Node : senders;
    }
}
