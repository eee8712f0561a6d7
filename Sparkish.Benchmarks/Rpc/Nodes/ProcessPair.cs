using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>This process and the server process, both with an env, and with one more where connections are secured.</summary>
internal sealed class ProcessPair : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly RpcEnv _env;
    private readonly RpcEnv? _securedEnv;

    private ProcessPair(ServerProcess server, RpcEnv env, RpcEnv? securedEnv) => (_server, _env, _securedEnv) = (server, env, securedEnv);

    /// <summary>This process's env, for what stays in it.</summary>
    public RpcEnv Local => _env;

    /// <summary>The kinds of connections between the two: plain, then secured.</summary>
    public IEnumerable<Link> Links
    {
        get
        {
            yield return new Link(_env, new RpcAddress(_env.Address.Host, _server.Ready.Env), _server.Ready.BarePeer(secured: false), "");
            if (_securedEnv is null) yield break;
            yield return new Link(
                _securedEnv, new RpcAddress(_securedEnv.Address.Host, _server.Ready.SecuredEnv!.Value), _server.Ready.BarePeer(secured: true), ".tls");
        }
    }

    /// <exception cref="SparkException">The server process or an env could not be started.</exception>
    public static async Task<ProcessPair> StartAsync(bool secured, CancellationToken cancellationToken)
    {
        var secret = secured ? BenchNode.NewSecret() : null;
        var server = await ServerProcess.StartAsync(secret, cancellationToken);
        try
        {
            return new ProcessPair(server, BenchNode.Create("client", null), secret is null ? null : BenchNode.Create("client", secret));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_securedEnv is not null) await _securedEnv.DisposeAsync();
        await _env.DisposeAsync();
        await _server.DisposeAsync();
    }
}
