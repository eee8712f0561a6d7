using Sparkish.Rpc;
using Sparkish.Rpc.Transport;

namespace Sparkish.Tests;

/// <content>The built-in env.</content>
internal static partial class TestedEnv
{
    /// <summary>Makes the envs of masters, workers and probes in this process.</summary>
    public static IRpcEnvFactory Factory { get; } = new NetworkRpcEnvFactory();

    /// <summary>What all nodes of a cluster are started with.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The command <c>sparkish</c>.</summary>
    public static string Command { get; } = Path.Combine(AppContext.BaseDirectory, "sparkish.dll");

    /// <summary>The program with the examples.</summary>
    public static string Examples { get; } = Path.Combine(AppContext.BaseDirectory, "Sparkish.Examples.dll");

    /// <summary>What a node gets besides <c>--port</c>, so that all its ports are the same after a restart.</summary>
    public static string[] WithFixedPorts() => [];
}
