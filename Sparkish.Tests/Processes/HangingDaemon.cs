using Sparkish.Deploy;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Processes;

/// <summary>A daemon that stops as ours do, of which something hangs: started by <see cref="StopSignalsTests"/>.</summary>
internal static class HangingDaemon
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(string how)
    {
        using var signals = new StopSignals(Limit);
        var env = Envs.New();
        using var inside = new ManualResetEventSlim();
        var endpoint = env.SetupEndpoint("hanging", new TestEndpoint(_ =>
        {
            inside.Set();
            if (how is not "nothing") new ManualResetEventSlim().Wait();
        }));
        endpoint.Send("go");
        inside.Wait();
        if (how is "pool") ThreadPool.SetMaxThreads(Environment.ProcessorCount, Environment.ProcessorCount);
        for (var i = 0; how is "pool" && i < 100; i++) ThreadPool.QueueUserWorkItem(_ => new ManualResetEventSlim().Wait());
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (how is "exit") new ManualResetEventSlim().Wait();
        };
        Console.WriteLine("ready");
        await signals.Requested;
        if (how is "handler") await env.ShutdownAsync(TimeSpan.FromMilliseconds(100));
        else if (how is not "exit") await env.DisposeAsync();
        else new ManualResetEventSlim().Wait();
    }
}
