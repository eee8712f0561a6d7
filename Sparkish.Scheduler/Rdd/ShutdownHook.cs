using System.Runtime.InteropServices;

namespace Sparkish;

/// <summary>
/// Stops a context when its process is asked to stop, or exits with the context still open, so that executors and files do not outlive it. The signal then
/// takes effect, even if the context hangs, after a time limit.
/// </summary>
internal sealed class ShutdownHook : IDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly EventHandler _onExit;

    public ShutdownHook(SparkContext context)
    {
        HangUp.Watch();

        // The program has returned from Main or called Exit.
        _onExit = (_, _) => Stop(context);
        AppDomain.CurrentDomain.ProcessExit += _onExit;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, _ => Stop(context)))];
    }

    /// <summary>Called when the context is stopping: a further signal terminates the process at once. The end of Main still waits.</summary>
    public void LetSignalsEndTheProcess()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    /// <summary>Called when the context has stopped.</summary>
    public void Dispose()
    {
        LetSignalsEndTheProcess();
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
    }

    private static void Stop(SparkContext context)
    {
        var stopping = new Thread(context.Dispose) { IsBackground = true, Name = "shutdown-hook" };
        stopping.Start();
        if (!stopping.Join(StopTime)) Console.Error.WriteLine($"The SparkContext did not stop within {StopTime.TotalSeconds} s; the process exits without it.");
    }
}
