using System.Globalization;
using Sparkish.Diagnostics;
using Sparkish.Executor;
using Sparkish.Validation;

namespace Sparkish.Deploy.Worker;

/// <content>Runs executors.</content>
internal sealed partial class Worker
{
    private readonly Dictionary<ExecutorKey, ManagedExecutor> _executors = [];

    private ExecutorDescription[] DescribeExecutors() =>
        [.. _executors.Select(e => new ExecutorDescription(e.Key.App, e.Key.Number, e.Value.Cores, e.Value.MemoryMiB, e.Value.State))];

    private void OnLaunchExecutor(LaunchExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        if (_isDecommissioned)
        {
            Report(key, ExecutorState.Failed, "This worker was decommissioned and takes no new executor", null);
            return;
        }

        if (_executors.ContainsKey(key)) return; // a leader orders each executor once; this one runs
        _log.ExecutorLaunching(key, m.Cores, m.MemoryMiB);
        var self = Self;
        var launch = new ExecutorLaunch(key, m.Cores, m.MemoryMiB, m.Description.DriverUrl, self.Address.Host, self.ToString())
        {
            Settings = StartupSettings.OnWorker(m.Description.ExecutorSettings, Env.Conf),
            Secret = m.Secret,
            InheritedVariables = Env.Conf.Get(DeployKeys.ExecutorEnvironment),
            Resources = m.Resources ?? [],
        };
        keyring.AddApplication(m.App.Value, m.Secret.Value); // the executor connects, and shares this worker's fate
        var run = launcher.Launch(launch, () => self.Send(new ExecutorStarted(key)));
        _executors.Add(key, new ManagedExecutor(run, m.Cores, m.MemoryMiB) { Resources = m.Resources });
        PipeToSelf(run.OutputLost, reason => new OutputLost(key, reason), error => new OutputLost(key, error.Message));
        PipeToSelf(run.Completion, exitStatus => new ExecutorEnded(key, exitStatus, null), error => new ExecutorEnded(key, null, error));
    }

    private void OnKillExecutor(KillExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        if (_executors.TryGetValue(key, out var executor)) Kill(key, executor);

        // The master keeps an executor's cores occupied until its end is reported, so it is reported in any case.
        else Report(key, ExecutorState.Killed, "This worker runs no such executor", null);
    }

    private void OnApplicationFinished(ApplicationFinished m)
    {
        foreach (var (key, executor) in _executors)
        {
            if (key.App == m.App) Kill(key, executor);
        }
    }

    private void Kill(ExecutorKey key, ManagedExecutor executor)
    {
        if (executor.KillRequested) return;
        executor.KillRequested = true;
        _log.ExecutorKilling(key);
        executor.Run.Kill();
    }

    private void OnExecutorStarted(ExecutorStarted m)
    {
        // An executor that ended at once may be gone before the report of its start arrives.
        if (!_executors.TryGetValue(m.Key, out var executor)) return;
        executor.State = ExecutorState.Running;
        Report(m.Key, ExecutorState.Running, null, null);
    }

    private void OnOutputLost(OutputLost m)
    {
        if (_executors.TryGetValue(m.Key, out var executor)) Report(m.Key, executor.State, m.Reason, null);
    }

    private void OnExecutorEnded(ExecutorEnded m)
    {
        if (!_executors.Remove(m.Key, out var executor)) throw new InvalidOperationException($"Executor {m.Key} ended, but was never launched.");
        if (!_executors.Keys.Any(key => key.App == m.Key.App)) keyring.RemoveApplication(m.Key.App.Value);
        var (state, message) = (m.Error, executor.KillRequested) switch
        {
            ({ } error, _) => (ExecutorState.Failed, $"Error running executor: {error.Message}"),
            (_, true) => (ExecutorState.Killed, string.Create(CultureInfo.InvariantCulture, $"Killed by the master; command exited with code {m.ExitStatus}")),
            _ => (ExecutorState.Exited, string.Create(CultureInfo.InvariantCulture, $"Command exited with code {m.ExitStatus}{WhereToRead(m, executor)}")),
        };
        _log.ExecutorEnded(m.Key, state, message);
        Report(m.Key, state, message, m.ExitStatus);
        LeaveIfDone();
    }

    private string WhereToRead(ExecutorEnded ended, ManagedExecutor executor) =>
        ended.ExitStatus != 0 && executor.Run.OutputDirectory is { } directory ? $"; see {Path.Combine(directory, "stderr")} on {Self.Address.Host}" : "";

    private void Report(ExecutorKey key, ExecutorState state, string? message, int? exitStatus) => Report(
        new ExecutorStateChanged(_id, key.App, key.Number, state, ForMaster(message), exitStatus), isEnd: state.IsFinished());

    private static string? ForMaster(string? message) => message is null ? null : LogText.Shorten(message, Problem.MaxMessage / 2);

    private sealed class ManagedExecutor(IExecutorRun run, int cores, int memoryMiB)
    {
        public IExecutorRun Run { get; } = run;

        public int Cores { get; } = cores;

        public int MemoryMiB { get; } = memoryMiB;

        public ResourceInformation[]? Resources { get; init; }

        public ExecutorState State { get; set; } = ExecutorState.Launching;

        public bool KillRequested { get; set; }
    }

    private sealed record ExecutorStarted(ExecutorKey Key);

    private sealed record ExecutorEnded(ExecutorKey Key, int? ExitStatus, Exception? Error);

    private sealed record OutputLost(ExecutorKey Key, string Reason);
}
