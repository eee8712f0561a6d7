using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Worker;

/// <summary>The signal on which a worker is decommissioned.</summary>
internal static class DecommissionSignal
{
    // .NET has names for the signals of POSIX alone; others go by the number that they have on a system.
    private static readonly Dictionary<string, int> OnLinux = new(StringComparer.OrdinalIgnoreCase) { ["PWR"] = 30, ["USR1"] = 10, ["USR2"] = 12 };
    private static readonly Dictionary<string, int> OnMacOS = new(StringComparer.OrdinalIgnoreCase) { ["USR1"] = 30, ["USR2"] = 31 };
    private static readonly Dictionary<string, int> OnOthers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The signals that can be chosen on this system, with their numbers.</summary>
    public static IReadOnlyDictionary<string, int> Numbers { get; } = OperatingSystem.IsLinux() ? OnLinux : OperatingSystem.IsMacOS() ? OnMacOS : OnOthers;

    /// <summary>Calls an action on each signal until the result is disposed.</summary>
    /// <returns>The registration; null if no signal is wanted, or the system does not have the default one.</returns>
    /// <exception cref="SparkException">The chosen signal is not one of this system.</exception>
    public static IDisposable? Listen(SparkConf conf, Action onSignal)
    {
        var name = conf.Get(DeployKeys.DecommissionSignal);
        if (string.Equals(name, "none", StringComparison.OrdinalIgnoreCase)) return null;
        if (!Numbers.TryGetValue(name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name, out var number))
        {
            return !conf.Contains(DeployKeys.DecommissionSignal.Key) ? null : throw new SparkException(
                $"{DeployKeys.DecommissionSignal.Key} is '{name}' but must be one of {string.Join(", ", Numbers.Keys.Append("none"))} on this system.");
        }

        return PosixSignalRegistration.Create((PosixSignal)number, signal =>
        {
            signal.Cancel = true;
            onSignal();
        });
    }
}
