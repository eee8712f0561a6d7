using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Deploy.Worker.Storage;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>
/// The program of a driver in its directory <c>&lt;work&gt;/&lt;driver&gt;/</c>: the package that its submitter uploaded, or a path of this machine. The output
/// of all its runs is there, too, and the working directory <c>app</c>.
/// </summary>
internal sealed class DriverProgram(DriverLaunch launch, string directory, DriverHost host, TimeProvider time, ILogger log) : IDriverProgram
{
    private const string LocalScheme = "local:";

    private readonly PackageUrl? _package = PackageUrl.TryParse(launch.Description.JarUrl);

    private string WorkingDirectory => Path.Combine(directory, "app");

    private string Archive => Path.Combine(directory, "package.zip");

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        ThrowIfRefused();
        WorkDirectories.Claim(directory);
        WorkDirectories.Claim(WorkingDirectory);
        if (_package is null) return;
        try
        {
            await host.FetchAsync(_package.Hash, Archive, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error) when (DiskSpace.IsExhausted(error))
        {
            throw DiskSpace.Exhausted(directory, error);
        }
    }

    public async Task<IDriverProcess> StartAsync()
    {
        var program = _package is null ? LocalProgram() : UnpackedProgram(_package);
        var description = launch.Description;
        var settings = DriverSettings.Of(description.Command.Settings, host.Conf, launch.WorkerUrl, host.Credentials());
        var variables = new Dictionary<string, string>(description.Command.Environment, StringComparer.Ordinal)
        {
            ["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"0x{(long)description.MemoryMiB << 20:X}"),
        };
        var handOver = new DriverHandOver(program, description.Command.Arguments, variables, settings);
        return await DriverProcess.StartAsync(launch.Id, directory, StartInfo(), handOver, host.Output, time, log).ConfigureAwait(false);
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(host.Program.FileName)
        {
            UseShellExecute = false,
            WorkingDirectory = WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ExecutorEnvironment.Restrict(start.Environment, host.InheritedVariables);
        WorkProcesses.Mark(start.Environment, directory);
        foreach (var argument in host.Program.Arguments.Append(launch.Id.Value)) start.ArgumentList.Add(argument);
        return start;
    }

    private void ThrowIfRefused()
    {
        if (launch.Description.Command.Environment.Keys.FirstOrDefault(static name => !DriverSettings.IsAllowedVariable(name)) is { } variable)
            throw new SparkException($"The environment variable '{variable}' may not be set for a driver: leave it out.");
        if (_package is null) LocalProgram();
    }

    private string UnpackedProgram(PackageUrl package)
    {
        // User code can write there, so the package is checked and unpacked again before each start.
        if (DriverPackage.HashOf(Archive) != package.Hash)
            throw new SparkException("The application's package was changed after it was fetched: submit the driver again.");
        DriverPackage.Unpack(Archive, WorkingDirectory);
        var program = Path.Combine(WorkingDirectory, package.Program);
        return File.Exists(program) ? program : throw new SparkException($"The application's package does not contain '{package.Program}'.");
    }

    private string LocalProgram()
    {
        var url = launch.Description.JarUrl;
        if (!url.StartsWith(LocalScheme, StringComparison.Ordinal))
            throw new SparkException($"'{url}' is not a file that workers run: submit a .dll of your machine, or give a path of the workers as 'local:/path/app.dll'.");
        var path = Path.GetFullPath(url[LocalScheme.Length..]);
        if (!host.Directories.Any(allowed => path.StartsWith(allowed + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            throw new SparkException($"'{path}' is not below a directory of {DeployKeys.DriverDirectories.Key}, which the worker sets: upload the application instead.");
        return File.Exists(path) ? path : throw new SparkException($"'{path}' does not exist on the worker's machine.");
    }
}
