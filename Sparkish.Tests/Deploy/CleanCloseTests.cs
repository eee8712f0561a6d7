using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.LocalCluster;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy;

/// <summary>What ends in order is nothing that an operator has to look at.</summary>
internal sealed class CleanCloseTests
{
    private const int Rounds = 5;

    [TestCase(1)]
    [TestCase(0)]
    public async Task A_local_cluster_that_is_disposed_logs_no_warning(int jobs)
    {
        var warnings = new Warnings();

        for (var round = 0; round < Rounds; round++) await RunJobsAsync("local-cluster[2,1,1024]", warnings, jobs);

        warnings.Check();
    }

    [Test]
    public async Task A_standalone_cluster_that_ends_after_its_application_logs_no_warning()
    {
        var warnings = new Warnings();

        for (var round = 0; round < Rounds; round++)
        {
            await using var cluster = await LocalSparkCluster.StartAsync(new LocalClusterUrl(1, 2, 1024), TestedEnv.NewConf(), warnings);
            await RunJobsAsync($"spark://{cluster.MasterAddress}", warnings, 1);
        }

        warnings.Check();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Two_envs_that_have_talked_and_are_disposed_log_no_warning(bool sameMoment)
    {
        var warnings = new Warnings();

        for (var round = 0; round < Rounds; round++)
        {
            var messages = new MessageRegistry().Add<Ping>(100);
            RpcEnv New(string name) => RpcEnv.Create(new RpcEnvOptions(name, TestedEnv.NewConf(), messages) { LoggerFactory = warnings });
            var (server, client) = (New("server"), New("client"));
            var probe = TestProbe.On(server);
            var there = client.RefTo(probe.Self);
            for (var i = 0; i < 100; i++) there.Send(new Ping(i));
            await probe.ReceiveNAsync<Ping>(100);

            var first = client.DisposeAsync().AsTask();
            if (!sameMoment) await first;
            await server.DisposeAsync();
            await first;
        }

        warnings.Check();
    }

    private static async Task RunJobsAsync(string master, ILoggerFactory loggers, int jobs)
    {
        var conf = TestedEnv.NewConf().SetMaster(master).SetAppName("test").Set("spark.ui.showConsoleProgress", "false");
        await using var sc = new SparkContext(conf, loggers);

        for (var job = 0; job < jobs; job++)
        {
            var counts = sc.Parallelize(Enumerable.Range(0, 100), 4).Map(i => (Key: i % 3, Value: 1)).ReduceByKey((a, b) => a + b).Collect();
            Assert.That(counts.Sum(pair => pair.Value), Is.EqualTo(100));
        }
    }

    private sealed record Ping(int Number);

    /// <summary>Keeps what an operator would have to look at.</summary>
    private sealed class Warnings : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private int _heard;

        public void Check()
        {
            Assert.That(_lines, Is.Empty);
            Assert.That(_heard, Is.Positive, "Nothing was logged at all.");
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _heard);
            if (logLevel >= LogLevel.Warning) _lines.Enqueue($"{logLevel} {eventId.Id}: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
            // Nothing is kept open.
        }
    }
}
