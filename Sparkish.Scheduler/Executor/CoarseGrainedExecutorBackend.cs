using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Executor;

/// <summary>The executor's side of the protocol with its driver. Completes when the executor must stop.</summary>
internal sealed class CoarseGrainedExecutorBackend(
    ExecutorArguments arguments, Func<RpcEndpointRef, TaskExecutor> makeExecutor, RpcEndpointRef driver, ILogger log) : RpcEndpoint
{
    public const string EndpointName = "Executor";

    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RpcAddress? _worker = arguments.WorkerUrl is { } url ? RpcEndpointAddress.Parse(url).Address : null;
    private TaskExecutor? _executor;

    /// <summary>The exit status: 0 after a stop, 1 when the driver or the worker was lost.</summary>
    public Task<int> Exit => _exit.Task;

    public override void OnStart() => _executor = makeExecutor(driver);

    public override void Receive(object message)
    {
        switch (message)
        {
            case IToExecutor when !IsFromDriver: log.StrangersMessageIgnored(message.GetType().Name, Sender!); break;
            case IToExecutor m when ExecutorRules.ProblemOf(m) is { } problem: log.MessageRefused(m.GetType().Name, problem); break;
            case LaunchTask m: _executor!.Launch(m.Task, m.Binary); break;
            case KillTask m: _executor!.Kill(m.TaskId, m.Reason); break;
            case ForgetTaskBinary m: _executor!.Forget(m.BinaryId); break;
            case StopExecutor: OnStopExecutor(); break;
            default: base.Receive(message); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        if (remote != driver.Address && remote != _worker) return;
        if (_exit.TrySetResult(1)) log.PeerLost(arguments.ExecutorId, remote);
    }

    public override void OnStop() => _executor?.Dispose();

    /// <summary>Whether a message comes over the connection to the driver that this executor dialled. Without a peer it comes from this env itself.</summary>
    private bool IsFromDriver => Sender is not { } peer || peer.DialledAs == driver.Address;

    private void OnStopExecutor()
    {
        log.Stopping(arguments.ExecutorId, "the driver asked for it");
        _exit.TrySetResult(0);
    }
}
