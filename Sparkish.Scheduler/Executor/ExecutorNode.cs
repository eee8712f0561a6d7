using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Assemblies;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;

namespace Sparkish.Executor;

/// <summary>An executor in its own env: registers with its driver, runs the tasks it receives, and stops with its driver or its worker.</summary>
public static class ExecutorNode
{
    private static readonly TimeSpan HandlerTime = TimeSpan.FromSeconds(15); // then handlers that hang are abandoned
    /// <summary>Runs an executor until the driver stops it, the driver or the worker is lost, or it is cancelled.</summary>
    /// <returns>The exit status of the process: 0 after a stop, 1 when the driver or the worker was lost or refused it.</returns>
    public static async Task<int> RunAsync(ExecutorArguments arguments, ILoggerFactory loggers, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var log = loggers.CreateLogger(typeof(ExecutorNode));
        var env = RpcEnv.Create(Options(arguments, loggers));
        try
        {
            return await RunAsync(arguments, env, log, stop).ConfigureAwait(false);
        }
        catch (SparkException e) when (!stop.IsCancellationRequested)
        {
            log.CannotRegister(e, arguments.ExecutorId);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Stopping(arguments.ExecutorId, "it was asked to");
            return 0;
        }
        finally
        {
            await env.ShutdownAsync(HandlerTime).ConfigureAwait(false);
        }
    }

    private static async Task<int> RunAsync(ExecutorArguments arguments, RpcEnv env, ILogger log, CancellationToken stop)
    {
        if (arguments.WorkerUrl is { } workerUrl) await env.SetupEndpointRefAsync(RpcEndpointAddress.Parse(workerUrl), stop).ConfigureAwait(false);
        var driver = await env.SetupEndpointRefAsync(RpcEndpointAddress.Parse(arguments.DriverUrl), stop).ConfigureAwait(false);
        var app = await driver.AskAsync<SparkAppConfig>(new RetrieveSparkAppConfig(), cancellationToken: stop).ConfigureAwait(false);
        using var store = new ShuffleStore(arguments.WorkDirectory);
        env.Bulk.Register(ShuffleStore.BulkPrefix, store);
        var conf = new SparkConf(loadDefaults: false).SetAll(app.Properties);
        var serialization = new RpcSerializationContext(env)
        {
            Types = BinderFor(arguments, env, driver, log),
            Admission = TypeAdmission.From(conf),
            Limits = SerializationLimits.From(conf),
        };
        var sparkEnv = new ShuffleEnv(arguments.ExecutorId, conf, env, serialization, store, new MapOutputClient(app.MapOutputTracker))
        {
            ShuffleMemory = ShuffleMemory.From(conf, arguments.Cores),
        };
        var endpoint = new CoarseGrainedExecutorBackend(
            arguments, to => new TaskExecutor(
                sparkEnv, arguments.Cores, Report(arguments.ExecutorId, to), arguments.InDriverProcess ? NullLogger.Instance : log, arguments.Resources),
            driver, log);
        var self = env.SetupEndpoint(CoarseGrainedExecutorBackend.EndpointName, endpoint);
        var registration = new RegisterExecutor(
            arguments.ExecutorId, self, arguments.Host, arguments.Cores, EngineBuild.Current, ApplicationCulture.IsInvariantMode);
        await driver.AskAsync<bool>(registration, cancellationToken: stop).ConfigureAwait(false);
        log.Registered(arguments.ExecutorId, arguments.AppId, arguments.DriverUrl, arguments.Cores);
        return await endpoint.Exit.WaitAsync(stop).ConfigureAwait(false);
    }

    private static Action<long, TaskOutcome> Report(string executorId, RpcEndpointRef driver) =>
        (taskId, outcome) => driver.Send(new StatusUpdate(executorId, taskId, outcome.State, outcome.Data));

    private static TypeBinder BinderFor(ExecutorArguments arguments, RpcEnv env, RpcEndpointRef driver, ILogger log)
    {
        if (arguments.InDriverProcess) return TypeBinder.Application;
        var url = driver.Address.ToSparkUrl();
        var cache = new ContentCache(arguments.AssemblyCacheDirectory, (path, file, hash) => Blocking.Wait(env.FetchFileAsync($"{url}/{path}", file, hash)));
        var loadable = new LoadableFiles(arguments.AssemblyCacheDirectory, seals: true);
        var assets = new ApplicationAssets(path => env.OpenBulk(driver.Address, path), $"driver {driver.Address}", cache, loadable, log);

        // Not collectible: an executor stops with its application, so nothing would be gained, and lambdas would run at a fraction of their speed.
        var context = new ApplicationLoadContext(arguments.AppId, assets, isCollectible: false);
        return new TypeBinder(context.LoadByName);
    }

    private static RpcEnvOptions Options(ExecutorArguments arguments, ILoggerFactory loggers) =>
        new("sparkExecutor", new SparkConf(loadDefaults: false).SetAll(arguments.Settings)
            .SetAll(arguments.Credentials), SchedulerMessages.Register(new MessageRegistry()))
        {
            BindHost = arguments.Host,
            Roles = [ClusterRoles.Executor],
            Keyring = KeyringOf(arguments),
            LoggerFactory = loggers,
        };

    private static Keyring KeyringOf(ExecutorArguments arguments)
    {
        if (arguments.Secret.IsEmpty) return new Keyring();
        var keyring = new Keyring { AdmitsApplicationsOnly = true, Encrypts = arguments.Encrypts };
        keyring.Join(arguments.AppId, arguments.Secret.Span, masters: []);
        return keyring;
    }
}
