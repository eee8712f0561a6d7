using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>What the connections of one env share.</summary>
internal sealed record TransportContext(
    RpcEnv Env, TransportOptions Options, MessageFormat Format, Dispatcher Dispatcher, OwnedTasks Tasks, ILogger Log)
{
    /// <summary>This env's half of a handshake.</summary>
    public Hello Hello(ConnectionKind kind) => new(kind, Env.Name, Env.Address);
}
