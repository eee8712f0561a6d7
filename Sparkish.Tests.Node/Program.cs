// Runs an env with the settings that are given as key=value until its standard input ends; says first where it listens. A line 'collect NAME' asks
// whether an assembly of that name is gone when all that nobody holds was collected; a line 'block' blocks all threads of the pool for good,
// and a line 'ask' asks an endpoint of the process that has a thread of its own. With
// 'membership HOST PORT' before the settings it is a member of a group, see MembershipNode, known at HOST though it may listen at another one, which
// 'membership HOST@LISTENS PORT' gives. With 'journal DIRECTORY COUNT' it appends to a journal
// instead, see JournalMode.
using System.Diagnostics;
using System.Globalization;
using Sparkish;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Node;

if (args is ["journal", var directory, var count]) return await JournalMode.RunAsync(directory, long.Parse(count, CultureInfo.InvariantCulture));

var patience = TimeSpan.FromSeconds(30);
var conf = new SparkConf(loadDefaults: false);
var isMember = args is ["membership", _, _, ..];
foreach (var setting in isMember ? args[3..] : args)
{
    var parts = setting.Split('=', 2);
    conf.Set(parts[0], parts[1]);
}

var options = new RpcEnvOptions("node", conf, new MessageRegistry());
if (isMember) options = options with { AdvertisedHost = args[1].Split('@')[0], BindHost = args[1].Split('@')[^1], Port = int.Parse(args[2], null) };
await using var env = new NetworkRpcEnvFactory().Create(options);
Console.WriteLine($"listens on {env.Address}");
if (isMember)
{
    await using var member = new MembershipNode(env);
    await member.RunAsync();
    return 0;
}

while (await Console.In.ReadLineAsync() is { } line)
{
    switch (line.Split(' '))
    {
        case ["collect", var assembly]:
            Console.WriteLine(await IsCollectedAsync(assembly) ? $"collected {assembly}" : $"{assembly} is still here");
            break;
        case ["block"]:
            BlockThreadPool();
            Console.WriteLine("blocked");
            break;
        case ["ask"]:
            Console.WriteLine(env.SetupEndpoint("echo", new IsolatedEcho()).AskSync<string>("answered", patience));
            break;
    }
}

return 0;

static void BlockThreadPool()
{
    ThreadPool.GetMaxThreads(out _, out var completionPorts);
    ThreadPool.SetMinThreads(Environment.ProcessorCount, 1);
    ThreadPool.SetMaxThreads(Environment.ProcessorCount, completionPorts);
    using var blocked = new CountdownEvent(Environment.ProcessorCount);
    for (var i = 0; i < Environment.ProcessorCount; i++)
    {
        ThreadPool.UnsafeQueueUserWorkItem(_ =>
        {
            blocked.Signal();
            Thread.Sleep(Timeout.Infinite);
        }, null);
    }

    blocked.Wait();
}

async Task<bool> IsCollectedAsync(string assembly)
{
    for (var watch = Stopwatch.StartNew(); watch.Elapsed < patience;)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (!AppDomain.CurrentDomain.GetAssemblies().Any(loaded => loaded.GetName().Name == assembly)) return true;
        await Task.Yield();
    }

    return false;
}
