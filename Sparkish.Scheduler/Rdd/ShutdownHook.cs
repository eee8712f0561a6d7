using System.Runtime.InteropServices;

namespace Sparkish;

/// <summary>Stops a context when its process is told to end, so that executors and files do not outlive it; the signal then takes its course.</summary>
internal sealed class ShutdownHook : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownHook(SparkContext context)
    {
        _registrations =
            [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, _ => context.Dispose()))];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }
}
