// Runs an env with the settings that are given as key=value until its standard input ends; says first where it listens. A line 'collect NAME' asks
// whether an assembly of that name is gone when all that nobody holds was collected.
// With 'journal DIRECTORY COUNT' it appends to a journal instead.
using System.Diagnostics;
using System.Globalization;
using Sparkish;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;
using Sparkish.Tests.Node;

if (args is ["journal", var directory, var count]) return await JournalMode.RunAsync(directory, long.Parse(count, CultureInfo.InvariantCulture));

var patience = TimeSpan.FromSeconds(30);
var conf = new SparkConf(loadDefaults: false);
foreach (var setting in args)
{
    var parts = setting.Split('=', 2);
    conf.Set(parts[0], parts[1]);
}

await using var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("node", conf, new MessageRegistry()));
Console.WriteLine($"listens on {env.Address}");
while (await Console.In.ReadLineAsync() is { } line)
{
    if (line.Split(' ') is ["collect", var assembly]) Console.WriteLine(await IsCollectedAsync(assembly) ? $"collected {assembly}" : $"{assembly} is still here");
}

return 0;

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
