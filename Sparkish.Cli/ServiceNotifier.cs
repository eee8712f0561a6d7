using Microsoft.Extensions.Hosting.Systemd;

namespace Sparkish.Cli;

/// <summary>Tells systemd that a daemon has started, and later that it stops (<c>Type=notify</c>). Without systemd it does nothing.</summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly SystemdNotifier? _systemd = OperatingSystem.IsLinux() ? new SystemdNotifier() : null;

    private ServiceNotifier() { }

    /// <summary>Reports that the daemon has started.</summary>
    public static ServiceNotifier Started()
    {
        var notifier = new ServiceNotifier();
        notifier.Notify(ServiceState.Ready);
        return notifier;
    }

    /// <summary>Reports that the daemon stops.</summary>
    public void Dispose() => Notify(ServiceState.Stopping);

    private void Notify(ServiceState state)
    {
        if (_systemd is { IsEnabled: true } && OperatingSystem.IsLinux()) _systemd.Notify(state);
    }
}
