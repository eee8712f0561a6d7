using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>
/// Finds the processes of executors and drivers by two variables in their environment, which the processes that they start inherit: their directory, and the
/// worker that runs them. Executors and drivers end with their worker by themselves, unless they hang or are stopped; what they have started does not. On
/// systems without /proc there is none to find.
/// </summary>
internal static class WorkProcesses
{
    /// <summary>The variable that holds the directory of the executor or driver.</summary>
    public const string DirectoryVariable = "SPARKISH_WORK_DIRECTORY";

    /// <summary>The variable that holds the worker: its process id and the time of its start.</summary>
    public const string WorkerVariable = "SPARKISH_WORKER_PROCESS";

    private const int Sigterm = 15;
    private const int Sigkill = 9;
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Time limit for an orphan to stop on request. A driver has two seconds for it after the end of its worker.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Adds the variables to the environment of a process that this worker starts.</summary>
    public static void Mark(IDictionary<string, string?> environment, string directory)
    {
        environment[DirectoryVariable] = directory;
        environment[WorkerVariable] = ProcessIdentity.Current?.ToString();
    }

    /// <summary>Kills the processes that an executor or a driver has left behind at its end.</summary>
    public static void KillRest(string directory, ILogger log)
    {
        foreach (var process in Find(directory))
        {
            if (process.Identity.Send(Sigkill)) log.RestKilled(process.Identity.Pid, process.Directory);
        }
    }

    /// <summary>
    /// Ends the processes below a work directory whose worker has ended: by a request, then by force. Those of a worker that runs, and those in another
    /// namespace of process ids, are left alone.
    /// </summary>
    /// <returns>Completes when they have ended, or cannot be ended.</returns>
    public static async Task EndOrphansAsync(string work, TimeSpan grace, TimeProvider time, ILogger log)
    {
        var asked = Orphans(work);
        foreach (var process in asked)
        {
            log.OrphanFound(process.Identity.Pid, process.Directory);
            process.Identity.Send(Sigterm);
        }

        await WaitAsync(asked, grace, time).ConfigureAwait(false);
        var left = Orphans(work); // also those that an orphan has started meanwhile
        foreach (var process in left) process.Identity.Send(Sigkill);
        await WaitAsync(left, KillTime, time).ConfigureAwait(false);
        foreach (var process in left.Where(static process => process.Identity.IsAlive)) log.OrphanRemains(process.Identity.Pid, process.Directory);
    }

    private static List<WorkProcess> Orphans(string work) => [.. Find(work).Where(static process => process.Worker?.IsAlive is not true)];

    private static IEnumerable<WorkProcess> Find(string directory)
    {
        var real = Links.Follow(directory);
        var own = ProcFiles.NamespaceOf(Environment.ProcessId);
        foreach (var pid in ProcFiles.Processes())
        {
            // The identity comes first: if the id passes to another process meanwhile, the identity is that of the ended one.
            if (pid == Environment.ProcessId || ProcessIdentity.Find(pid) is not { } identity) continue;
            var variables = ProcFiles.EnvironmentOf(pid);
            if (Value(variables, DirectoryVariable) is not { Length: > 0 } of || !IsBelow(of, real)) continue;
            if (ProcFiles.NamespaceOf(pid) == own) yield return new WorkProcess(identity, of, ProcessIdentity.TryParse(Value(variables, WorkerVariable)));
        }
    }

    private static async Task WaitAsync(IReadOnlyList<WorkProcess> processes, TimeSpan limit, TimeProvider time)
    {
        // They are not this process's children, so no event tells their end.
        var start = time.GetTimestamp();
        while (processes.Any(static process => process.Identity.IsAlive) && time.GetElapsedTime(start) < limit)
            await Task.Delay(Pause, time).ConfigureAwait(false);
    }

    // Code of applications may have set the variable to anything.
    private static bool IsBelow(string path, string directory)
    {
        try
        {
            return IsWithin(Links.Follow(path), directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static bool IsWithin(string path, string directory) =>
        path == directory || path.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? Value(IReadOnlyList<string> variables, string name) =>
        variables.FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private readonly record struct WorkProcess(ProcessIdentity Identity, string Directory, ProcessIdentity? Worker);
}
