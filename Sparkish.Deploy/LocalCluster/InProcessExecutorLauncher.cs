using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker;
using Sparkish.Executor;

namespace Sparkish.Deploy.LocalCluster;

/// <summary>Starts executors inside this process, each with its own env over real sockets and a directory that is deleted with it.</summary>
internal sealed class InProcessExecutorLauncher(string workDirectory, ILoggerFactory loggers) : IExecutorLauncher
{
    private readonly RunningExecutors _running = new();

    /// <summary>Whether connections are encrypted if there are no certificates.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The settings that give access to the certificates of executors.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
    {
        var number = launch.Key.Number.ToString(CultureInfo.InvariantCulture);

        // It ends together with this launcher, so it need not watch its worker.
        var arguments = new ExecutorArguments(launch.DriverUrl, number, launch.Host, launch.Cores, launch.Key.App.Value, WorkerUrl: null,
            Path.Combine(workDirectory, launch.Key.App.Value, number))
        {
            AssemblyCacheDirectory = Path.Combine(workDirectory, "assemblies"),
            Settings = launch.Settings,
            Resources = launch.Addresses,
            Credentials = Credentials,
            Secret = launch.Secret.Value,
            Encrypts = Encrypts,
            InDriverProcess = true,
        };
        return _running.Add(new InProcessExecutor(arguments, loggers, onStarted));
    }

    public ValueTask DisposeAsync() => new(_running.StopAsync());

    private sealed class InProcessExecutor : IExecutorRun
    {
        private readonly ExecutorArguments _arguments;
        private readonly ILoggerFactory _loggers;
        private readonly Action _onStarted;
        private readonly TaskCompletionSource _killRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public InProcessExecutor(ExecutorArguments arguments, ILoggerFactory loggers, Action onStarted)
        {
            (_arguments, _loggers, _onStarted) = (arguments, loggers, onStarted);
            Completion = Task.Run(RunAsync);
        }

        public Task<int> Completion { get; }

        // Its output is the driver's.
        public string? OutputDirectory => null;

        public Task<string> OutputLost { get; } = new TaskCompletionSource<string>().Task;

        public void Kill() => _killRequested.TrySetResult();

        private async Task<int> RunAsync()
        {
            PrivateFiles.CreateDirectory(_arguments.WorkDirectory);
            using var stop = new CancellationTokenSource();
            try
            {
                var run = ExecutorNode.RunAsync(_arguments, _loggers, stop.Token);
                _onStarted();
                if (await Task.WhenAny(run, _killRequested.Task).ConfigureAwait(false) != run) await stop.CancelAsync().ConfigureAwait(false);
                return await run.ConfigureAwait(false);
            }
            finally
            {
                Directory.Delete(_arguments.WorkDirectory, recursive: true);
            }
        }
    }
}
