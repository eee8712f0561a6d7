using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// Whether this machine has the library that knows cultures (ICU). Without it the runtime ends a process that asks for cultures before any
/// code runs; an executor is started in invariant mode instead, and its driver can say what is missing.
/// </summary>
internal static class CultureLibrary
{
    // The versions that .NET looks for, and some to come.
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
