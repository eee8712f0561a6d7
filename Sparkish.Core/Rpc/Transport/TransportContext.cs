using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Deployment;
using Sparkish.Rpc.Local;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>What the connections of one env share.</summary>
/// <param name="Stopping">Set when connections that are not made yet, and bulk connections, are to end.</param>
internal sealed record TransportContext(
    NodeRpcEnv Env, TransportOptions Options, MessageFormat Format, Dispatcher Dispatcher, OwnedTasks Tasks, ILogger Log,
    SecurityManager Security, IReadOnlyList<string> Roles, CancellationToken Stopping)
{
    /// <summary>What codecs need to read messages, and which user types these may carry.</summary>
    public DeploymentTypes Types { get; } = Env.DeploymentTypes;

    /// <summary>This env's half of a handshake.</summary>
    public Hello Hello(ConnectionKind kind, RpcAddress? dialled = null) => new(kind, Env.Name, Env.Address, Env.Incarnation, Roles, dialled);
}
