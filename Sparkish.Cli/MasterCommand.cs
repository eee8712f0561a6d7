using System.CommandLine;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Rpc;

namespace Sparkish.Cli;

/// <summary><c>sparkish master</c>: runs a master until it is stopped.</summary>
internal static class MasterCommand
{
    public static Command Create()
    {
        var host = SharedOptions.Host();
        var port = SharedOptions.Port(7077, "The port to listen on; 0 lets the system choose.");
        var conf = SharedOptions.Conf();
        var command = new Command("master", "Runs the master of a cluster.") { host, port, conf };
        command.SetAction((parsed, _) => RunAsync(
            SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf)), parsed.GetRequiredValue(host), parsed.GetValue(port)));
        return command;
    }

    private static async Task<int> RunAsync(SparkConf conf, string host, int port)
    {
        using var signals = new StopSignals(conf.Get(DeployKeys.ShutdownTimeout));
        using var loggers = ConsoleLogging.Create();
        var envs = RpcEnvFactories.From(conf);
        await using var master = MasterNode.Start(envs, conf, host, port, loggers);
        SharedOptions.WarnAboutUnknownKeys(conf, envs, loggers);
        if (await Task.WhenAny(signals.Requested, master.LeadershipLost) == signals.Requested) return CliErrors.Success;

        // The supervisor of the process starts it again, as a standby.
        CliErrors.Say($"this master cannot lead any more: {await master.LeadershipLost}. Start it again.");
        return CliErrors.Failure;
    }
}
