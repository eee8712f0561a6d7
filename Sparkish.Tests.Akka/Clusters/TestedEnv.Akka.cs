using System.Net;
using System.Net.Sockets;
using Sparkish.Akka;
using Sparkish.Rpc;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests;

/// <content>The env on Akka.NET.</content>
internal static partial class TestedEnv
{
    /// <summary>Makes the envs of masters, workers and probes in this process.</summary>
    public static IRpcEnvFactory Factory { get; } = new AkkaRpcEnvFactory();

    /// <summary>What all nodes of a cluster are started with. The programs have no part of Akka; these tests have all of it in their directory.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["spark.rpc.factory"] = "akka",
        ["spark.plugins.directory"] = AppContext.BaseDirectory,
    };

    /// <summary>The command <c>sparkish</c>, as it is built for everybody.</summary>
    public static string Command { get; } = RepositoryRoot.OutputOf("Sparkish.Cli", "sparkish.dll");

    /// <summary>The program with the examples.</summary>
    public static string Examples { get; } = RepositoryRoot.OutputOf("Sparkish.Examples", "Sparkish.Examples.dll");

    /// <summary>What a node gets besides <c>--port</c>, so that all its ports are the same after a restart.</summary>
    public static string[] WithFixedPorts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ["--conf", $"spark.akka.port={((IPEndPoint)listener.LocalEndpoint).Port}"];
    }
}
