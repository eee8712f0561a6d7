using System.Security.Cryptography;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>Makes the envs of the benchmarks, all on loopback.</summary>
internal static class BenchNode
{
    public const string EchoName = "echo";
    public const string CountName = "count";
    public const string BulkPrefix = "bench";

    private static long _lastName;

    /// <summary>An env that listens; with a secret its connections are authenticated and encrypted.</summary>
    public static RpcEnv Create(string name, string? secret)
    {
        var conf = new SparkConf(loadDefaults: false);
        if (secret is not null) conf.Set("spark.authenticate", "true").Set("spark.authenticate.secret", secret);
        return new NetworkRpcEnvFactory().Create(new RpcEnvOptions(name, conf, BenchMessages.Registry));
    }

    public static string NewSecret() => Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A name that no endpoint of this process has had.</summary>
    public static string NextName(string what) => $"{what}-{Interlocked.Increment(ref _lastName)}";
}
