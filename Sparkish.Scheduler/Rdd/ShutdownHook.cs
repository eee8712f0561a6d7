using System.Runtime.InteropServices;

namespace Sparkish;

/// <summary>
/// Stops a context when its process is told to end, or ends by itself with the context still open, so that executors and files do not outlive it; the signal
/// then takes its course, and after a while also when the context hangs.
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

    /// <summary>The context is stopping: a further signal ends the process at once. The end of Main still waits.</summary>
    public void LetSignalsEndTheProcess()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    /// <summary>The context has stopped.</summary>
    public void Dispose()
    {
        LetSignalsEndTheProcess();
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
    }

    private static void Stop(SparkContext context)
    {
        var stopping = new Thread(context.Dispose) { IsBackground = true, Name = "shutdown-hook" };
        stopping.Start();
        if (!stopping.Join(StopTime)) Console.Error.WriteLine($"The SparkContext did not stop within {StopTime.TotalSeconds} s; the process ends without.");
    }
}
