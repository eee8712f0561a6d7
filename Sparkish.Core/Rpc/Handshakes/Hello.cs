#pragma warning disable MA0048 // what a connection is for belongs with who speaks on it
namespace Sparkish.Rpc.Handshakes;

/// <summary>What a connection is for.</summary>
internal enum ConnectionKind : byte
{
    Messages = 1,
    Bulk = 2,
}

/// <summary>Who speaks, and what for: one half of a handshake.</summary>
/// <param name="Kind">What the connection is for.</param>
/// <param name="EnvName">The env's name, for people.</param>
/// <param name="Address">The address under which the env wants to be known.</param>
/// <param name="Incarnation">A number that an env draws at its start: another one at the same address is another env.</param>
/// <param name="Roles">What the env is in its cluster, such as <c>worker</c>.</param>
/// <param name="Dialled">The address under which the connecting env knows the other one, which may have several.</param>
internal sealed record Hello(
    ConnectionKind Kind, string EnvName, RpcAddress Address, long Incarnation, IReadOnlyList<string> Roles, RpcAddress? Dialled = null);
