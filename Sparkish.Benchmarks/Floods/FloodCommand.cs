using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Deploy.Master;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;

namespace Sparkish.Benchmarks.Floods;

/// <summary><c>flood</c>: strangers hold 900 silent sockets and begin 10,000 handshakes a minute that they never end, while workers register.</summary>
internal static class FloodCommand
{
    private const string MasterCommand = "flood-master";
    private const string SecretVariable = "SPARK_AUTHENTICATE_SECRET";
    private const int SilentSockets = 900;
    private const int HalfHandshakesPerMinute = 10_000;
    private const long MaxMemoryMiB = 200;
    private static readonly TimeSpan MaxRegistration = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PauseBetweenWorkers = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds") { Description = "The length of the flood.", DefaultValueFactory = static _ => 60 };
        var command = new Command("flood", "Floods a master with silent sockets and half handshakes from one address while workers register.") { seconds };
        command.SetAction((args, cancellationToken) => RunAsync(TimeSpan.FromSeconds(args.GetValue(seconds)), cancellationToken));
        return command;
    }

    /// <summary>The master that is flooded, as a process of its own.</summary>
    public static Command CreateMaster()
    {
        var command = new Command(MasterCommand, "Runs the master that flood starts.") { Hidden = true };
        command.SetAction(static async (_, _) =>
        {
            using var loggers = LoggerFactory.Create(static logging => logging.AddProvider(new LineCounter()));
            await using var master = MasterNode.Start(new NetworkRpcEnvFactory(), new SparkConf(loadDefaults: false), "127.0.0.1", port: 0, loggers);
            Console.WriteLine(master.Address.Port.ToString(CultureInfo.InvariantCulture));
            await Console.In.ReadToEndAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FloodCommand).Assembly.Location, MasterCommand])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[SecretVariable] = secret;
        using var process = ChildProcess.Start("The master", start);
        try
        {
            var port = await process.StandardOutput.ReadLineAsync(cancellationToken);
            var master = new RpcAddress("127.0.0.1", int.Parse(port!, CultureInfo.InvariantCulture));
            var lines = CountLinesAsync(process.StandardOutput);
            var conf = new SparkConf(loadDefaults: false).Set("spark.authenticate.secret", secret);
            await RegisterAsync(conf, master, cancellationToken); // the first one compiles the code
            await using var flood = Flood.Start(master, SilentSockets, HalfHandshakesPerMinute);
            var (slowest, count, memory, clock) = (TimeSpan.Zero, 0, 0L, Stopwatch.StartNew());
            while (clock.Elapsed < length)
            {
                await Task.Delay(PauseBetweenWorkers, cancellationToken);
                var took = await RegisterAsync(conf, master, cancellationToken);
                slowest = took > slowest ? took : slowest;
                count++;
                process.Refresh();
                memory = Math.Max(memory, process.WorkingSet64 >> 20);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return Print(flood, count, slowest, memory, await lines, clock.Elapsed);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static int Print(Flood flood, int workers, TimeSpan slowest, long memoryMiB, int lines, TimeSpan length)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{length.TotalSeconds:F0} s: {flood.SilentOpened} silent sockets opened ({SilentSockets} at once), {flood.HalfOpened} half handshakes"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{workers} workers registered, the slowest in {slowest.TotalMilliseconds:F0} ms (at most {MaxRegistration.TotalMilliseconds:F0})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the master took {memoryMiB} MiB at most (at most {MaxMemoryMiB}) and logged {lines} lines"));
        return slowest <= MaxRegistration && memoryMiB <= MaxMemoryMiB ? 0 : 1;
    }

    private static async Task<TimeSpan> RegisterAsync(SparkConf conf, RpcAddress master, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var registration = new RegistrationLog();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(registration));
        await using var worker = WorkerNode.Start(
            new NetworkRpcEnvFactory(), conf, "127.0.0.1", port: 0, loggers, WorkerOptions.From(conf, [master], 1, 1024, jitter: 0), new NoExecutors());
        await registration.Registered.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        return clock.Elapsed;
    }

    private static async Task<int> CountLinesAsync(StreamReader output)
    {
        var count = 0;
        while (await output.ReadLineAsync(CancellationToken.None) is not null) count++;
        return count;
    }

    /// <summary>Writes a line for each event of the transport, as a daemon's console does; those of the workers' own coming and going do not count.</summary>
    private sealed class LineCounter : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Console.WriteLine(formatter(state, exception));
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }

    /// <summary>Waits for a worker's line that it has registered.</summary>
    private sealed class RegistrationLog : ILoggerProvider, ILogger
    {
        private const int RegisteredEvent = 3203;

        public TaskCompletionSource Registered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == RegisteredEvent) Registered.TrySetResult();
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }

    private sealed class NoExecutors : IExecutorLauncher
    {
        public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted) => throw new NotSupportedException("No application asks for executors here.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
