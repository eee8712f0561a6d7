using Sparkish.Configuration;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// The environment of executors: only the variables of the worker that programs need to run. User code reads it, and a worker's environment may hold passwords
/// of its operator.
/// </summary>
internal static class ExecutorEnvironment
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TZDIR", "TMPDIR", "TMP", "TEMP", "PWD", "HOSTNAME", "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "CLR_ICU_VERSION_OVERRIDE", "SPARK_LOCAL_DIRS", "SystemRoot", "SystemDrive", "windir", "ComSpec",
        "PATHEXT", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "USERPROFILE", "USERNAME", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    };

    private static readonly string[] Prefixes = ["DOTNET_", "COMPlus_", "CORECLR_", "LC_", "XDG_"];

    /// <summary>Removes the variables that executors do not get.</summary>
    /// <param name="environment">The environment of this process, as a child would inherit it.</param>
    /// <param name="more">Further inherited variables: <c>spark.worker.executorEnvironment</c>.</param>
    public static void Restrict(IDictionary<string, string?> environment, string more)
    {
        var besides = more.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in environment.Keys.Where(name => !IsPassed(name, besides)).ToList()) environment.Remove(name);
    }

    private static bool IsPassed(string name, string[] besides) =>
        !SecurityKeys.CredentialVariables.Contains(name, StringComparer.Ordinal)
        && (Names.Contains(name) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            || besides.Contains(name, StringComparer.Ordinal));
}
