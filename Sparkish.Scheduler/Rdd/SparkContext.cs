using Microsoft.Extensions.Logging;
using Sparkish.Assemblies;
using Sparkish.Backend;
using Sparkish.Compute;
using Sparkish.Configuration;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Executor;
using Sparkish.Input;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Rows;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;
using Sparkish.Ui;

namespace Sparkish;

/// <summary>
/// An application's connection to a cluster: creates RDDs and runs their jobs. Its members may be called from any thread; several jobs may run concurrently.
/// Dispose it at the end, so that executors stop and files are deleted.
/// </summary>
[NotSerializable(
    "a SparkContext exists on the driver only and cannot be sent to executors",
    Advice = "call it before, and capture the part of its result that the function needs")]
public sealed class SparkContext : IAsyncDisposable, IDisposable
{
    private readonly RpcEnv _env;
    private readonly ListenerBus _listeners;
    private readonly SchedulerBackend _backend;
    private readonly RpcEndpointRef _dagScheduler;
    private readonly SerializationContext _serialization;
    private readonly Serializer _serializer;
    private readonly ShutdownHook _shutdownHook;
    private readonly ILoggerFactory? _ownLoggers;
    private readonly Lock _stopLock = new();
    private Task? _stop;
    private int _nextRddId;
    private int _nextShuffleId;
    private int _nextJobId;

    /// <summary>Connects to the cluster that <c>spark.master</c> names; returns when the application is accepted. Executors may still be starting.</summary>
    /// <param name="conf">The settings, which are copied, so that later changes have no effect.</param>
    /// <param name="loggers">Creates the engine's loggers; warnings go to standard error unless given.</param>
    /// <exception cref="SparkException">A setting is missing or wrong, or the cluster cannot be reached or refuses the application.</exception>
    public SparkContext(SparkConf conf, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(conf);
        Conf = conf.Clone();
        Master = Required(CoreKeys.Master, "set it with SetMaster, --master or spark.master, for example to local[2]");
        AppName = Required(CoreKeys.AppName, "set it with SetAppName or --name");
        var otherCulture = ApplicationCulture.AddTo(Conf);
        var isLocal = LocalMaster.TryParse(Master) is not null;
        var reason = DynamicCode.ReasonAgainst() ?? CodeVersion.ReasonAgainstProgram();
        if (reason is not null) throw new SparkException($"Cannot use master {Master}: {reason}.");
        _serializer = SerializerFactory.Create(Conf, TypeBinder.Application);
        loggers ??= _ownLoggers = DriverLogging.CreateFactory();
        var keyring = new Keyring { AdmitsApplicationsOnly = ClusterManagers.GiveApplicationSecrets(Master) };
        _env = RpcEnv.Create(EnvOptions(loggers, keyring));
        _serialization = new RpcSerializationContext(_env)
        {
            Types = TypeBinder.Application,
            ReasonAgainstCode = isLocal ? null : CodeVersion.ReasonAgainst,
        };
        _listeners = new ListenerBus(DriverListeners(), Conf.Get(SchedulerKeys.ListenerQueueCapacity), loggers.CreateLogger<ListenerBus>());
        var tracker = _env.SetupEndpoint(MapOutputTracker.EndpointName, new MapOutputTracker());
        _dagScheduler = _env.SetupEndpoint(DagScheduler.EndpointName,
            new DagScheduler(Conf, _serialization, tracker, () => _backend!.TaskScheduler, _listeners, loggers.CreateLogger<DagScheduler>()));
        _backend = StartBackend(new SchedulerBackendContext(Conf, _env, _listeners, _dagScheduler, tracker, keyring));
        _shutdownHook = new ShutdownHook(this);

        if (otherCulture is not null) loggers.CreateLogger<SparkContext>().TasksHaveAnotherCulture(Conf.Get(SchedulerKeys.TaskCulture), otherCulture);
        KnownKeys.DeclaredIn(typeof(SparkConf).Assembly, typeof(SparkContext).Assembly, _backend.GetType().Assembly, _env.GetType().Assembly)
            .WarnAboutUnknownKeys(Conf, loggers.CreateLogger<SparkContext>());
    }

    /// <summary>The driver's env.</summary>
    internal RpcEnv Rpc => _env;

    /// <summary>The types that may be sent to executors, and the limits for values from there.</summary>
    internal SerializationContext Serialization => _serialization;

    /// <summary>A copy of the settings that the context runs with.</summary>
    public SparkConf Conf { get; }

    /// <summary>The URL of the cluster, from <c>spark.master</c>.</summary>
    public string Master { get; }

    /// <summary>The application's name.</summary>
    public string AppName { get; }

    /// <summary>The id that the cluster assigned to the application.</summary>
    public string ApplicationId => _backend.ApplicationId;

    /// <summary>The default number of partitions of an RDD: <c>spark.default.parallelism</c>, or the number of cores.</summary>
    public int DefaultParallelism => _backend.DefaultParallelism;

    /// <summary>Creates an RDD from a collection, which is copied now and sent with its tasks.</summary>
    /// <param name="elements">The collection.</param>
    /// <param name="partitions">The number of partitions, of about equal size; <see cref="DefaultParallelism"/> unless given.</param>
    /// <exception cref="SerializationException">An element contains a value that cannot be sent to executors.</exception>
    public Rdd<T> Parallelize<T>(IEnumerable<T> elements, int? partitions = null)
    {
        ThrowIfStopped();
        if (partitions is { } given) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(partitions));
        var slices = ParallelCollection<T>.Cut([.. elements], partitions ?? DefaultParallelism, _serializer.CodecFor<T>(), _serialization);
        return new Rdd<T>(this, "Parallelize", new ParallelCollection<T>(), [], () => slices);
    }

    /// <summary>
    /// Creates an RDD of the lines of text files (UTF-8; ended by LF, CR or CRLF). Large files are split at line boundaries; compressed files are decompressed
    /// and read as a whole. Executors must be able to read the same path.
    /// </summary>
    /// <param name="path">
    /// A file, a directory (its files, except those that start with <c>_</c> or <c>.</c>), a pattern such as <c>logs/{2025,2026}-0?/*.txt</c>, or several,
    /// separated by commas; also as <c>file:</c> URLs. Files that end with <c>.gz</c>, <c>.bz2</c>, <c>.zst</c> or <c>.lz4</c> are decompressed.
    /// </param>
    /// <param name="minPartitions">The minimum number of partitions, if the input is large enough.</param>
    public Rdd<string> TextFile(string path, int? minPartitions = null)
    {
        ThrowIfStopped();
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (minPartitions is { } given) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(minPartitions));
        var wanted = minPartitions ?? Math.Min(DefaultParallelism, 2);
        var paths = InputPaths.Parse(path);
        return new Rdd<string>(this, "TextFile", new TextFileComputation(), [], () => TextFileInput.Split(paths, wanted, TimeProvider.System));
    }

    /// <summary>Stops executors, leaves the cluster, and removes the application's files. Running jobs fail. Twice is harmless.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <summary>As <see cref="DisposeAsync"/>, for callers that cannot await; blocks.</summary>
    public void Dispose() => Blocking.Wait(StopAsync());

    /// <summary>As <see cref="Dispose"/>, by Spark's name.</summary>
    public void Stop() => Dispose();

    internal int NextRddId() => Interlocked.Increment(ref _nextRddId) - 1;

    internal int NextShuffleId() => Interlocked.Increment(ref _nextShuffleId) - 1;

    /// <summary>Refuses a type of rows that cannot be sent.</summary>
    internal void RequireRows<T>(string operation) => RowRules.Require<T>(operation, _serializer, _serialization);

    /// <summary>Runs a job over some partitions (all unless given) and returns its results in their order.</summary>
    internal TResult[] RunJob<T, TResult>(Rdd<T> rdd, ResultOperation<T, TResult> operation, int[]? partitions)
    {
        ThrowIfStopped();
        if (_serialization.ReasonAgainstCode is not null && CodeVersion.ReasonOfUpdates() is { } reason)
            throw new SparkException($"Cannot run a job on {Master}: {reason}.");
        EvaluatePartitions(rdd);
        partitions ??= [.. Enumerable.Range(0, rdd.NumPartitions)];
        if (partitions.Length == 0) return [];
        var waiter = new JobWaiter(partitions.Length);
        _dagScheduler.Send(new JobSubmitted(new ActiveJob(Interlocked.Increment(ref _nextJobId) - 1, rdd.Lineage, operation, partitions), waiter));
        return Array.ConvertAll(Blocking.Wait(waiter.Completion), Decode<T, TResult>);
    }

    private TResult Decode<T, TResult>(byte[] result)
    {
        var reader = new ByteReader(result, _serialization);
        return ResultCodec.For<T, TResult>(_serializer).Read(ref reader);
    }

    /// <summary>
    /// Accesses the file system here, on the caller's thread, so that the caller gets the error for a missing file and the scheduler never waits for a disk.
    /// </summary>
    private static void EvaluatePartitions(Rdd rdd)
    {
        var waiting = new Stack<Lineage>([rdd.Lineage]);
        var seen = new HashSet<int>();
        while (waiting.TryPop(out var next))
        {
            if (!seen.Add(next.Id)) continue;
            _ = next.Partitions;
            foreach (var dependency in next.Dependencies) waiting.Push(dependency.Parent);
        }
    }

    private SchedulerBackend StartBackend(SchedulerBackendContext context)
    {
        SchedulerBackend? backend = null;
        try
        {
            backend = ClusterManagers.CreateBackend(Master, context);
            Blocking.Wait(backend.StartAsync(CancellationToken.None));
            return backend;
        }
        catch
        {
            Blocking.Wait(CloseAsync(backend));
            throw;
        }
    }

    private Task StopAsync()
    {
        lock (_stopLock) return _stop ??= StopOnceAsync();
    }

    private async Task StopOnceAsync()
    {
        _shutdownHook.LetSignalsEndTheProcess();
        _dagScheduler.Send(new StopJobs("SparkContext was shut down"));

        try
        {
            await CloseAsync(_backend).ConfigureAwait(false);
        }
        finally
        {
            // Not before: a cancelled job lets its caller return, perhaps from Main, while executors and files still exist.
            _shutdownHook.Dispose();
        }
    }

    private async Task CloseAsync(SchedulerBackend? backend)
    {
        if (backend is not null) await backend.StopAsync().ConfigureAwait(false);
        await _listeners.DisposeAsync().ConfigureAwait(false);
        await _env.DisposeAsync().ConfigureAwait(false);
        _ownLoggers?.Dispose();
    }

    private RpcEnvOptions EnvOptions(ILoggerFactory loggers, Keyring keyring) =>
        new("sparkDriver", Conf, ClusterManagers.RegisterMessages(Master, SchedulerMessages.Register(new MessageRegistry())))
        {
            Listen = LocalMaster.TryParse(Master) is null,
            BindHost = Conf.Get(CoreKeys.DriverHost),
            Roles = [ClusterRoles.Driver],
            Keyring = keyring,
            Port = Conf.Get(CoreKeys.DriverPort),
            LoggerFactory = loggers,
        };

    private IEnumerable<ISparkListener> DriverListeners()
    {
        if (Conf.Get(SchedulerKeys.ShowConsoleProgress) && !Console.IsErrorRedirected)
            yield return new ConsoleProgressBar(Console.Error, Math.Max(Console.BufferWidth, 40), _env.Time);
    }

    private string Required(ConfigEntry<string> entry, string advice)
    {
        var value = Conf.Get(entry);
        return value.Length > 0 ? value : throw new SparkException($"{entry.Key} is not set: {advice}.");
    }

    private void ThrowIfStopped()
    {
        if (Volatile.Read(ref _stop) is not null) throw new InvalidOperationException("Cannot use a stopped SparkContext.");
    }
}
