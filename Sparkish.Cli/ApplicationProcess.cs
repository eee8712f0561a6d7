using System.Diagnostics;
using System.Text.Json;
using Sparkish.Deploy;

namespace Sparkish.Cli;

/// <summary>Runs an application's program with settings in its environment: in place of this process where the platform can, else as its child.</summary>
internal static class ApplicationProcess
{
    /// <summary>Runs the program to its end; on Unix this returns only by an exception.</summary>
    /// <exception cref="SparkException">The file is not there, or no program.</exception>
    public static async Task<int> RunAsync(string app, IReadOnlyList<string> args, SparkConf settings)
    {
        var path = Path.GetFullPath(app);
        Check(path);
        string[] arguments = ["exec", path, .. args];
        var submitted = JsonSerializer.Serialize(settings.Settings);

        // As the same process, the application has the terminal, the signals and the exit status to itself.
        if (!OperatingSystem.IsWindows()) throw UnixExec.Replace(DotnetHost.Path, arguments, SparkConf.SubmittedSettingsVariable, submitted);

        var start = new ProcessStartInfo(DotnetHost.Path, arguments) { UseShellExecute = false };
        start.Environment[SparkConf.SubmittedSettingsVariable] = submitted;
        using var child = Process.Start(start) ?? throw new SparkException($"'{DotnetHost.Path}' could not be started.");
        using var signals = new StopSignals(Timeout.InfiniteTimeSpan); // the child gets them too, and decides
        await child.WaitForExitAsync();
        return child.ExitCode;
    }

    private static void Check(string path)
    {
        if (!File.Exists(path)) throw new SparkException($"Application '{path}' does not exist: give the path of the .dll that 'dotnet build' made of it.");
        var runtimeConfig = Path.ChangeExtension(path, ".runtimeconfig.json");
        if (!path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || !File.Exists(runtimeConfig))
        {
            throw new SparkException(
                $"'{path}' is not a .NET application: there is no '{Path.GetFileName(runtimeConfig)}' beside it. Give the .dll of a program (OutputType Exe) in its build output.");
        }
    }
}
