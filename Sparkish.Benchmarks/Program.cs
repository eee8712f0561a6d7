using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc;
using Sparkish.Benchmarks.Workloads;

var benchmarks = new RootCommand("Measures Sparkish: one workload by itself, side by side with real Spark, or the actor framework against bare sockets.")
{
    CompareCommand.Create(),
    BenchCommand.Create(),
    RpcCommand.Create(),
};

return await benchmarks.Parse(args).InvokeAsync();
