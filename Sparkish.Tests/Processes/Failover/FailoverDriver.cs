using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;
using Sparkish.Rpc;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>
/// A process that a user runs beside a cluster: it runs a job, starts further applications and submits drivers when the test says so. It answers in lines.
/// </summary>
internal static class FailoverDriver
{
    /// <summary>The first argument of a program that is to be this one.</summary>
    public const string Command = "failover-driver";

    /// <summary>The first argument of a program that is to be a driver that was submitted.</summary>
    public const string Submitted = "failover-submitted";

    /// <summary>The pairs that the job must yield.</summary>
    public static string Expected { get; } = Text(Enumerable.Range(0, 100).GroupBy(static x => x % 5).Select(static group => (group.Key, group.Sum())));

    /// <summary>Serves the test until its standard input ends.</summary>
    /// <param name="masters">The URL of the masters.</param>
    /// <param name="settings">The settings of the applications, as key=value.</param>
    public static async Task RunAsync(string masters, IEnumerable<string> settings)
    {
        var conf = settings.Select(static setting => setting.Split('=', 2))
            .Aggregate(TestedEnv.NewConf(), static (conf, pair) => conf.Set(pair[0], pair[1]))
            .SetMaster(masters).SetAppName("failover").Set("spark.cores.max", "1").Set("spark.executor.memory", "512m");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            _ = words[0] switch
            {
                "job" => AnswerAsync("job", () => RunJob(conf, IPEndPoint.Parse(words[1]))),
                "count" => AnswerAsync($"count {words[1]}", () => Count(conf, words[1])),
                "submit" => SubmitAsync(conf, $"submit {words[1]}", words[2], isSupervised: words[3] == "supervised"),
                "status" => AnswerAsync($"status {words[1]}", () => StatusAsync(conf, words[2]).GetAwaiter().GetResult()),
                _ => throw new InvalidOperationException($"'{line}' is no command of this program."),
            };
        }
    }

    private static Task AnswerAsync(string question, Func<string> answer) => Task.Factory.StartNew(() =>
    {
        try
        {
            Console.WriteLine($"{question} = {answer()}");
        }
        catch (Exception e)
        {
            Console.WriteLine($"{question} failed: {e}");
        }
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static string RunJob(SparkConf conf, IPEndPoint gate)
    {
        using var loggers = LoggerFactory.Create(static logging => logging.AddProvider(new ErrorLines()));
        using var sc = new SparkContext(conf.Clone(), loggers);
        var address = gate.ToString();
        return Text(sc.Parallelize(Enumerable.Range(0, 100), 4).Map(x => (Key: x % 5, Value: Gated(x, address))).ReduceByKey((a, b) => a + b).Collect());
    }

    private static int Gated(int value, string gate)
    {
        if (value == 0) TaskGate.Pass(IPEndPoint.Parse(gate));
        return value;
    }

    private static string Count(SparkConf conf, string question)
    {
        using var sc = new SparkContext(conf.Clone(), NullLoggerFactory.Instance);
        Console.WriteLine($"registered {question} = {sc.ApplicationId}");
        return sc.Parallelize([1, 2, 3], 2).Count().ToString(CultureInfo.InvariantCulture);
    }

    private static async Task SubmitAsync(SparkConf conf, string question, string gate, bool isSupervised)
    {
        var program = Environment.GetCommandLineArgs()[0];
        var command = new DriverCommand(Path.GetFileName(program), [Submitted, gate],
            new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        await using var client = Client(conf);
        var description = new DriverDescription($"local:{program}", 512, 1, isSupervised, command);
        await AnswerAsync(question, () => client.SubmitAsync(description, archive: null, default).GetAwaiter().GetResult().Value);
    }

    private static async Task<string> StatusAsync(SparkConf conf, string driver)
    {
        await using var client = Client(conf);
        var status = await client.GetStatusAsync(new DriverId(driver), default);
        return $"{status.State} {status.WorkerHostPort} {status.Message}";
    }

    private static SubmissionClient Client(SparkConf conf) =>
        SubmissionClient.Start(RpcEnvFactories.From(conf), conf, MasterUrl.Parse(conf.Get("spark.master")), NullLoggerFactory.Instance);

    private static string Text(IEnumerable<(int Key, int Value)> pairs) =>
        string.Join(' ', pairs.Order().Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}:{pair.Value}")));

    /// <summary>What the application logs, for the transcript of a test that fails.</summary>
    private sealed class ErrorLines : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {formatter(state, exception)}");
        }

        public void Dispose() { }
    }
}
