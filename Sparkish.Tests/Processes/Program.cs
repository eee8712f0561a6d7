using System.Net;
using Sparkish.Tests.Processes.Failover;
using Sparkish.Tests.Recovery.Leaders;
using Sparkish.Tests.Rpc.Robustness;

namespace Sparkish.Tests.Processes;

/// <summary>What this assembly does when a test starts it as a process of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["fuzzed-env", .. var secret])
        {
            await FuzzedEnvProgram.RunAsync(secret.FirstOrDefault());
            return 0;
        }

        if (args is ["leader", var kind, var connection, .. var options])
        {
            await LeaderProgram.RunAsync(kind, connection, asksClock: !options.Contains(LeaderProgram.NoClock));
            return 0;
        }

        if (args is ["hanging-daemon", var how])
        {
            await HangingDaemon.RunAsync(how);
            return 0;
        }

        if (args is ["scratch", var parent, .. var handles])
        {
            await ScratchProgram.RunAsync(parent, handles);
            return 0;
        }

        if (args is ["driver", var master, var localDirectory])
        {
            OrdinaryDriver.Run(master, localDirectory);
            return 0;
        }

        if (args is [FailoverDriver.Command, var masters, .. var settings])
        {
            await FailoverDriver.RunAsync(masters, settings);
            return 0;
        }

        if (args is [FailoverDriver.Submitted, var gate])
        {
            TaskGate.Pass(IPEndPoint.Parse(gate));
            return 0;
        }

        if (args is ["submitted-driver", var port, var status]) return SubmittedDriver.Run(port, status);

        await Console.Error.WriteLineAsync($"Started with '{string.Join(' ', args)}', which is nothing that this program knows; it is started by tests.");
        return 2;
    }
}
