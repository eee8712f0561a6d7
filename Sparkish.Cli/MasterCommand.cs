using System.CommandLine;
using Sparkish.Deploy;
using Sparkish.Deploy.Hosting;

namespace Sparkish.Cli;

/// <summary><c>sparkish master</c>: runs a master until it is stopped.</summary>
internal static class MasterCommand
{
    public static Command Create()
    {
        var host = SharedOptions.Host();
        var port = SharedOptions.Port(7077, "The port to listen on; 0 lets the system choose.");
        var conf = SharedOptions.Conf();
        var file = SharedOptions.PropertiesFile();
        var command = new Command("master", "Runs the master of a cluster.") { host, port, file, conf };
        command.SetAction((parsed, _) => RunAsync(
            SharedOptions.Read(parsed.GetValue(file), parsed.GetValue(conf)), parsed.GetRequiredValue(host), parsed.GetValue(port)));
        return command;
    }

    private static async Task<int> RunAsync(SparkConf conf, string host, int port)
    {
        using var signals = new StopSignals(conf.Get(DeployKeys.ShutdownTimeout));
        using var loggers = ConsoleLogging.Create();
        await using var master = await MasterDaemon.StartAsync(conf, host, port, loggers);
        using var service = ServiceNotifier.Started();
        if (await Task.WhenAny(signals.Requested, master.LeadershipLost) == signals.Requested) return CliErrors.Success;

        // The supervisor of the process starts it again, as a standby.
        CliErrors.Say($"this master cannot lead any more: {await master.LeadershipLost}. Start it again.");
        return CliErrors.Failure;
    }
}
