using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// Detects whether this machine has the library of culture data (ICU). Without it the runtime terminates a process that needs cultures before any code runs; an
/// executor is then started in invariant mode, and its driver reports the missing library.
/// </summary>
internal static class CultureLibrary
{
    // The versions that .NET looks for, and some future ones.
    private const int Oldest = 50;
    private const int Newest = 120;

    private static readonly Lazy<bool> Installed = new(Find);

    public static bool IsInstalled => Installed.Value;

    private static bool Find()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU") is { Length: > 0 }) return true;
        var versions = Enumerable.Range(Oldest, Newest - Oldest).Reverse().Select(static version => string.Create(CultureInfo.InvariantCulture, $".{version}"));
        return versions.Prepend("").Any(static version => NativeLibrary.TryLoad($"libicuuc.so{version}", out _));
    }
}
