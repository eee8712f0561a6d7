using System.Runtime.CompilerServices;
using Akka.Hosting;
using Sparkish.Hosting;

namespace Sparkish.Akka.Hosting;

/// <summary>The envs of one hosted actor system, by name. An application configures and resolves them on one thread at a time.</summary>
internal sealed class HostedEnvs
{
    private static readonly ConditionalWeakTable<AkkaConfigurationBuilder, HostedEnvs> All = [];

    private readonly Dictionary<string, HostedEnv> _envs = [];

    public static HostedEnvs Of(AkkaConfigurationBuilder builder) => All.GetOrCreateValue(builder);

    /// <exception cref="ArgumentException">The name is in use.</exception>
    public HostedEnv Add(SparkishActorsBuilder actors)
    {
        var env = new HostedEnv(actors);
        return _envs.TryAdd(actors.Name, env)
            ? env
            : throw new ArgumentException($"The actor system has two RpcEnvs named '{actors.Name}': give each its own name.");
    }

    /// <exception cref="KeyNotFoundException">No env of this name was added.</exception>
    public HostedEnv Get(string name) => _envs.TryGetValue(name, out var env)
        ? env
        : throw new KeyNotFoundException($"The actor system has no RpcEnv '{name}': add it by WithSparkish. It has: {string.Join(", ", _envs.Keys)}.");
}
