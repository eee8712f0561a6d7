#pragma warning disable MA0048 // the kind of a connection belongs to the hello
namespace Sparkish.Rpc.Handshakes;

/// <summary>The kind of a connection.</summary>
internal enum ConnectionKind : byte
{
    Messages = 1,
    Bulk = 2,
}

/// <summary>The identity of a node and the kind of its connection: one half of a handshake.</summary>
/// <param name="Kind">The kind of the connection.</param>
/// <param name="EnvName">The env's name, for people.</param>
/// <param name="Address">The address that the env advertises.</param>
/// <param name="Incarnation">A number that an env draws at its start: a restarted env at the same address has another one.</param>
/// <param name="Roles">The roles of the env in its cluster, such as <c>worker</c>.</param>
/// <param name="Dialled">The address under which the connecting env knows the other one, which may have several.</param>
internal sealed record Hello(
    ConnectionKind Kind, string EnvName, RpcAddress Address, long Incarnation, IReadOnlyList<string> Roles, RpcAddress? Dialled = null);
