using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Rpc;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;

namespace Sparkish.Backend;

#pragma warning disable CA1001 // its fields are disposed when it stops
/// <summary>Runs tasks on threads of the driver's process; nothing listens.</summary>
internal sealed class LocalSchedulerBackend(LocalMaster master, SchedulerBackendContext context) : SchedulerBackend
{
    private const string DriverId = "driver";

    private RpcEndpointRef? _endpoint;
    private ShuffleStore? _store;

    public override string ApplicationId { get; } =
        string.Create(CultureInfo.InvariantCulture, $"local-{context.Env.Time.GetUtcNow().ToUnixTimeMilliseconds()}");

    public override int DefaultParallelism => context.Conf.Get(SchedulerKeys.DefaultParallelism) is > 0 and var set ? set : master.Threads;

    public override RpcEndpointRef TaskScheduler => _endpoint ?? throw new InvalidOperationException("The backend is not started.");

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _store = new ShuffleStore(LocalDirectory.From(context.Conf));
        var serialization = new RpcSerializationContext(context.Env) { Types = TypeBinder.Application };
        var env = new ShuffleEnv(DriverId, context.Conf, context.Env, serialization, _store, new MapOutputClient(context.MapOutputTracker))
        {
            ShuffleMemory = ShuffleMemory.From(context.Conf, master.Threads),
        };
        var conf = context.Conf.Clone().Set(SchedulerKeys.TaskMaxFailures.Key, master.MaxFailures.ToString(CultureInfo.InvariantCulture));
        _endpoint = context.Env.SetupEndpoint(LocalEndpoint.EndpointName,
            new LocalEndpoint(conf, context.DagScheduler, context.Listeners, env, master.Threads,
                SchedulingRandom.New(), context.LoggerFactory.CreateLogger<LocalEndpoint>()));
        return Task.CompletedTask;
    }

    public override Task StopAsync()
    {
        if (_endpoint is { } endpoint) context.Env.Stop(endpoint);
        _store?.Dispose();
        return Task.CompletedTask;
    }
}
