using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy;

/// <summary>
/// Converts SIGINT, SIGTERM and SIGHUP to a request to stop. A process that has not exited by itself within a time limit is terminated, even if a thread hangs.
/// It gets the exit status of a process without a handler: 143 for SIGTERM, 130 for SIGINT and 129 for SIGHUP. The second signal terminates the process as
/// usual.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan ExitTime = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    /// <param name="limit">Time limit for the process to exit by itself; <c>spark.deploy.shutdownTimeout</c>.</param>
    public StopSignals(TimeSpan limit)
    {
        _limit = limit;
        HangUp.Watch();
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Completes when a stop is asked for.</summary>
    public Task Requested => _requested.Task;

    /// <summary>Cancelled when a stop is asked for.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Stops listening; the time limit of a requested stop still applies.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        if (!_requested.TrySetResult()) return;
        signal.Cancel = true;
        var status = signal.Signal switch { PosixSignal.SIGINT => 130, PosixSignal.SIGHUP => 129, _ => 143 };
        var name = signal.Signal;
        // A separate thread: the pool itself may hang. It ends with the process.
        new Thread(() => EndAnyway(name, status)) { IsBackground = true, Name = "stop-deadline" }.UnsafeStart();
        Cancel();
    }

    private void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The waiting code has ended meanwhile. An exception here would abort the process.
        }
    }

    private void EndAnyway(PosixSignal signal, int status)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(_limit);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The process did not end within {_limit.TotalSeconds} s of {signal} (spark.deploy.shutdownTimeout) and exits with status {status}."));
        new Thread(KillIfExitHangs) { IsBackground = true }.UnsafeStart();
        Environment.Exit(status);
    }

    private static void KillIfExitHangs()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(ExitTime);
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
