using System.Collections;
using System.Runtime.InteropServices;

namespace Sparkish.Cli;

/// <summary>Replaces the running process by another program (execve).</summary>
internal static partial class UnixExec
{
    /// <summary>Starts a program in place of this one, with this one's environment and one more variable; returns only on failure.</summary>
    public static SparkException Replace(string program, IReadOnlyList<string> arguments, string variable, string value)
    {
        var environment = Environment.GetEnvironmentVariables();
        environment[variable] = value;
        string?[] argv = [program, .. arguments, null];
        string?[] envp = [.. environment.Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}"), null];
        _ = Execve(program, argv, envp);
        return new SparkException($"'{program}' could not be started: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execve(string program, string?[] arguments, string?[] environment);
}
