using System.Diagnostics;
using System.Text.Json;
using Sparkish.Configuration;
using Sparkish.Deploy;

namespace Sparkish.Cli;

/// <summary>
/// Runs an application's program with settings in its environment: in place of this process where the platform supports it, else as its child.
/// </summary>
internal static class ApplicationProcess
{
    /// <summary>Runs the program to its end; on Unix this returns only with an exception.</summary>
    /// <exception cref="SparkException">The file does not exist, or is not a program.</exception>
    public static async Task<int> RunAsync(string app, IReadOnlyList<string> args, SparkConf settings)
    {
        var path = AssemblyOf(Path.GetFullPath(app));
        string[] arguments = ["exec", path, .. args];
        var submitted = JsonSerializer.Serialize(settings.Settings);

        // In the same process, the application owns the terminal, the signals and the exit status.
        if (!OperatingSystem.IsWindows()) throw UnixExec.Replace(DotnetHost.Path, arguments, SubmittedSettings.Variable, submitted);

        var start = new ProcessStartInfo(DotnetHost.Path, arguments) { UseShellExecute = false };
        start.Environment[SubmittedSettings.Variable] = submitted;
        using var child = Process.Start(start) ?? throw new SparkException($"'{DotnetHost.Path}' could not be started.");
        using var signals = new StopSignals(Timeout.InfiniteTimeSpan); // the child receives them too, and decides
        await child.WaitForExitAsync();
        return child.ExitCode;
    }

    /// <summary>The assembly to run: the given one, or the one that an executable of its build output starts.</summary>
    /// <exception cref="SparkException">The file does not exist, or is not a program.</exception>
    internal static string AssemblyOf(string path)
    {
        const string advice = "give the path of the .dll that 'dotnet build' produced.";
        if (Directory.Exists(path)) throw new SparkException($"Application '{path}' is a directory: {advice}");
        if (!File.Exists(path)) throw new SparkException($"Application '{path}' does not exist: {advice}");
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is ".csproj" or ".fsproj" or ".vbproj" or ".sln" or ".slnx" or ".cs" or ".fs" or ".vb")
            throw new SparkException($"'{path}' is source code: build it, and {advice}");
        if (extension is not ".dll")
        {
            // The executable of a build output only starts the assembly beside it.
            var assembly = extension is ".exe" ? Path.ChangeExtension(path, ".dll") : $"{path}.dll";
            return File.Exists(assembly) && File.Exists(RuntimeConfigOf(assembly)) ? assembly : throw new SparkException(
                $"'{path}' is not a .dll, and there is no '{Path.GetFileName(assembly)}' beside it. Run a program published as a single file or ahead of time "
                + $"directly, with its settings in its SparkConf; otherwise {advice}");
        }

        return File.Exists(RuntimeConfigOf(path)) ? path : throw new SparkException(
            $"'{path}' is not a .NET application: there is no '{Path.GetFileName(RuntimeConfigOf(path))}' beside it. "
            + "Give the .dll of a program (OutputType Exe) in its build output.");
    }

    private static string RuntimeConfigOf(string assembly) => Path.ChangeExtension(assembly, ".runtimeconfig.json");
}
