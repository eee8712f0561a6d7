using Sparkish.Akka;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Node;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>
/// What this assembly does when a test starts it as a process of its own: with <c>membership HOST PORT</c> and settings as key=value it is a member of a group
/// on an env on Akka.NET.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["membership", var host, var port, .. var settings])
        {
            await Console.Error.WriteLineAsync($"Started with '{string.Join(' ', args)}', which is nothing that this program knows; it is started by tests.");
            return 2;
        }

        var conf = new SparkConf(loadDefaults: false);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            conf.Set(parts[0], parts[1]);
        }

        var options = new RpcEnvOptions("node", conf, new MessageRegistry()) { BindHost = host, AdvertisedHost = host, Port = int.Parse(port, null) };
        await using var env = new AkkaRpcEnvFactory().Create(options);
        await using var member = new MembershipNode(env);
        await member.RunAsync();
        return 0;
    }
}
