using BenchmarkDotNet.Attributes;
using Sparkish.Benchmarks.Rpc.Loads;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Micro;

/// <summary>One message, and one question with its answer, within a process.</summary>
public class LocalMessageBenchmarks
{
    private const int Messages = 16 * HandledCount.ReportEvery;

    private readonly HandledCount _handled = new();
    private readonly object _message = new Tick(0, 1, 2, 3);
    private RpcEnv _env = null!;
    private RpcEndpointRef _counter = null!;
    private RpcEndpointRef _echo = null!;
    private long _sent;

    /// <summary>Starts an env with two endpoints.</summary>
    [GlobalSetup]
    public void Start()
    {
        _env = BenchNode.Create("micro", null);
        _counter = _env.SetupEndpoint("counter", new CountingEndpoint(_handled));
        _echo = _env.SetupEndpoint(BenchNode.EchoName, new EchoEndpoint());
    }

    /// <summary>Stops it.</summary>
    [GlobalCleanup]
    public Task StopAsync() => _env.DisposeAsync().AsTask();

    /// <summary>A message, sent and handled, in bursts of 4,096.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public void Tell()
    {
        for (var i = 0; i < Messages; i++) _counter.Send(_message);
        _sent += Messages;
        var spinner = new SpinWait();
        while (_handled.Reported < _sent) spinner.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>A question and its answer, one after the other: many in a row, since the thread that runs the benchmark sleeps until the last.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task AskAsync()
    {
        for (var i = 0; i < Messages; i++) await _echo.AskAsync<object>(_message);
    }
}
