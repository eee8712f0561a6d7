using System.CommandLine;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Peers.Processes;

var peers = new RootCommand("Measures the loads of 'rpc' on other actor frameworks and on Sparkish, alternating in one run. 'rpc --peer akka' starts it.")
{
    CompareCommand.Create(),
    SideCommand.Create(),
};

return await peers.Parse(args).InvokeAsync();
