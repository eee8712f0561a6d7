using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Faults;
using Sparkish.Benchmarks.Floods;
using Sparkish.Benchmarks.Journal;
using Sparkish.Benchmarks.Membership;
using Sparkish.Benchmarks.Rpc;
using Sparkish.Benchmarks.Serialization;
using Sparkish.Benchmarks.Workloads;

var benchmarks = new RootCommand(
    "Measures Sparkish: one workload by itself, side by side with real Spark, the actor framework against bare sockets, serialization against others, membership in simulated groups, or journals; and strikes leaders and stores with faults, and listeners with floods.")
{
    CompareCommand.Create(),
    BenchCommand.Create(),
    RpcCommand.Create(),
    SerializationCommand.Create(),
    MembershipCommand.Create(),
    JournalCommand.Create(),
    FaultsCommand.Create(),
    FaultsCommand.CreateCandidate(),
    FloodCommand.Create(),
    FloodCommand.CreateMaster(),
};

return await benchmarks.Parse(args).InvokeAsync();
