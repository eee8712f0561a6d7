using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.Rpc;

namespace Sparkish.Cli;

/// <summary>
/// <c>sparkish submit</c> in cluster mode: uploads the application and submits its driver, asks for the state of a driver, or ends it. The exit status is
/// Spark's: 0 once the master has taken the request, 255 otherwise or if the driver is in error.
/// </summary>
internal static class ClusterSubmission
{
    private const int Refused = 255; // Spark's -1
    private const string LocalScheme = "local:";

    // Options of the command line that mean the driver itself.
    private static readonly string[] OfSubmission = [DeployKeys.DriverSupervise.Key, DeployKeys.WaitAppCompletion.Key];

    public static Task<int> SubmitAsync(
        SparkConf settings, string program, IReadOnlyList<string> arguments, IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        WithClientAsync(settings, async client =>
        {
            var scratch = Path.Combine(LocalDirectory.From(settings), $"sparkish-submit-{Guid.NewGuid():N}");
            try
            {
                var (url, archive) = Prepare(settings, program, files, scratch);
                var driver = await client.SubmitAsync(Describe(settings, url, program, arguments), archive, cancellationToken);
                await Console.Out.WriteLineAsync($"Driver successfully submitted as {driver}");
                return await FollowAsync(client, driver, settings.Get(DeployKeys.WaitAppCompletion), cancellationToken);
            }
            finally
            {
                if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
            }
        });

    public static Task<int> KillAsync(SparkConf settings, string driver, CancellationToken cancellationToken)
    {
        var id = ReadId("--kill", driver);
        return WithClientAsync(settings, async client =>
        {
            var reply = await client.KillAsync(id, cancellationToken);
            if (!reply.Success) throw new SparkException(reply.Message);
            await Console.Out.WriteLineAsync(reply.Message);
            return await FollowAsync(client, id, untilEnd: false, cancellationToken);
        });
    }

    public static Task<int> ReportAsync(SparkConf settings, string driver, CancellationToken cancellationToken)
    {
        var id = ReadId("--status", driver);
        return WithClientAsync(settings, async client =>
        {
            var status = await new DriverMonitor(client.GetStatusAsync, Console.Out.WriteLine, TimeProvider.System).ReportAsync(id, cancellationToken);
            return status.State == DriverState.Error ? Refused : CliErrors.Success;
        });
    }

    private static async Task<int> FollowAsync(SubmissionClient client, DriverId driver, bool untilEnd, CancellationToken cancellationToken)
    {
        var monitor = new DriverMonitor(client.GetStatusAsync, Console.Out.WriteLine, TimeProvider.System);
        return await monitor.FollowAsync(driver, untilEnd, cancellationToken) ? CliErrors.Success : Refused;
    }

    private static async Task<int> WithClientAsync(SparkConf settings, Func<SubmissionClient, Task<int>> action)
    {
        var masters = Masters(settings);
        using var loggers = LoggerFactory.Create(static logging => logging.AddProvider(new WarningLines()));
        try
        {
            await using var client = SubmissionClient.Start(RpcEnvFactories.From(settings), settings, masters, loggers);
            return await action(client);
        }
        catch (SparkException error)
        {
            CliErrors.Say(error.Message);
            return Refused;
        }
    }

    private static (string Url, string? Archive) Prepare(SparkConf settings, string program, IReadOnlyList<string> files, string scratch)
    {
        if (program.StartsWith(LocalScheme, StringComparison.Ordinal))
        {
            if (files.Count > 0) throw new UsageException("--files needs an application of this machine: workers have what 'local:' names already.");
            return Path.IsPathRooted(program[LocalScheme.Length..])
                ? (program, null)
                : throw new UsageException($"'{program}' is not an absolute path of the workers: write it as local:/path/app.dll.");
        }

        var path = ApplicationProcess.AssemblyOf(Path.GetFullPath(program));
        PrivateFiles.CreateDirectory(scratch);
        var archive = Path.Combine(scratch, "package.zip");
        DriverPackage.Pack(path, files, archive, settings.Get(DeployKeys.UploadMaxSize));
        return (new PackageUrl(DriverPackage.HashOf(archive), Path.GetFileName(path)).ToString(), archive);
    }

    private static DriverDescription Describe(SparkConf settings, string url, string program, IReadOnlyList<string> arguments)
    {
        var travelling = settings.Settings
            .Where(static setting => DriverSettings.Travels(setting.Key) && !OfSubmission.Contains(setting.Key, StringComparer.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
        if (travelling.Keys.FirstOrDefault(Redaction.From(settings).IsSensitive) is { } password)
        {
            throw new UsageException(
                $"{password} looks like a password, and masters keep the settings of drivers in their journal: let the driver read it from a file of its worker.");
        }

        var memoryMiB = (int)Math.Min(settings.Get(DeployKeys.DriverMemory) >> 20, DeployRules.MaxMemoryMiB);
        var command = new DriverCommand(Path.GetFileName(program), [.. arguments], new Dictionary<string, string>(StringComparer.Ordinal), travelling);
        return new DriverDescription(url, memoryMiB, settings.Get(DeployKeys.DriverCores), settings.Get(DeployKeys.DriverSupervise), command);
    }

    private static IReadOnlyList<RpcAddress> Masters(SparkConf settings)
    {
        var url = settings.Get(CoreKeys.Master);
        if (!url.StartsWith("spark://", StringComparison.Ordinal))
            throw new UsageException($"Cluster mode needs a standalone cluster, but the master is '{url}': give it as --master spark://host:port.");
        return ClusterOptions.MastersOf(url);
    }

    private static DriverId ReadId(string option, string text)
    {
        var id = new DriverId(text);
        return DeployRules.OfDriver(id) is null
            ? id
            : throw new UsageException($"{option} is '{text}' but must be the id of a driver, such as 'driver-20260102030405-0000'.");
    }
}
