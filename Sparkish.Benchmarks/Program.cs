using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Workloads;

var benchmarks = new RootCommand("Measures Sparkish: one workload by itself, or side by side with real Spark.")
{
    CompareCommand.Create(),
    BenchCommand.Create(),
};

return await benchmarks.Parse(args).InvokeAsync();
