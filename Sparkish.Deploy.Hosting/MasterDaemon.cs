using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Master;
using Sparkish.Rest;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Hosting;

/// <summary>A master with its REST server, as <c>sparkish master</c> and the generic host run it.</summary>
internal sealed class MasterDaemon : IAsyncDisposable
{
    private readonly MasterNode _node;
    private readonly RunningRest? _rest;

    private MasterDaemon(MasterNode node, RunningRest? rest) => (_node, _rest) = (node, rest);

    /// <summary>The address of the master.</summary>
    public RpcAddress Address => _node.Address;

    /// <summary>Completes with a reason when this master cannot lead any more: its process must exit.</summary>
    public Task<string> LeadershipLost => _node.LeadershipLost;

    /// <summary>Starts the master, and the server if the settings ask for it.</summary>
    /// <exception cref="SparkException">A setting is wrong, or an address cannot be bound.</exception>
    public static async Task<MasterDaemon> StartAsync(SparkConf conf, string host, int port, ILoggerFactory loggers)
    {
        var envs = RpcEnvFactories.From(conf);
        var node = MasterNode.Start(envs, conf, host, port, loggers);
        try
        {
            var rest = await MasterRest.StartAsync(conf, node, loggers).ConfigureAwait(false);
            UnknownKeys.Warn(conf, envs, loggers);
            return new MasterDaemon(node, rest);
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether this master leads the cluster.</summary>
    /// <exception cref="SparkException">It does not answer.</exception>
    public async Task<bool> IsLeadingAsync(CancellationToken cancellationToken)
    {
        var address = new RpcEndpointAddress(Address, Master.Master.EndpointName);
        var master = await _node.Env.SetupEndpointRefAsync(address, cancellationToken).ConfigureAwait(false);
        return await master.AskAsync<bool>(new RequestReadyz(), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the server, then the master.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_rest is not null) await _rest.DisposeAsync().ConfigureAwait(false);
        await _node.DisposeAsync().ConfigureAwait(false);
    }
}
