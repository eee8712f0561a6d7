using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace Sparkish.Benchmarks.Rpc.Micro;

/// <summary>
/// The microbenchmarks, in this process: this BenchmarkDotNet knows no project of .NET 10 that it could generate and build.
/// </summary>
internal static class MicroBenchmarks
{
    private static readonly Type[] All = [typeof(LocalMessageBenchmarks), typeof(RecordCodecBenchmarks)];

    /// <summary>Runs them and returns the exit status.</summary>
    public static int Run(TextWriter output, bool quick)
    {
        // On a machine that others use too, more iterations take minutes and say no more.
        var bounded = Job.Default.WithIterationTime(TimeInterval.FromMilliseconds(250)).WithMaxWarmupCount(10).WithMaxIterationCount(20);
        var job = (quick ? Job.Dry : bounded).WithToolchain(InProcessNoEmitToolchain.Instance);
        var config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "sparkish-benchmarks"));
        var summaries = BenchmarkRunner.Run(All, config);
        var failed = summaries.Where(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)).ToArray();
        foreach (var summary in failed) output.WriteLine($"rpc --micro: {summary.Title} failed; its log is {summary.LogFilePath}.");
        return failed.Length == 0 ? 0 : 1;
    }
}
