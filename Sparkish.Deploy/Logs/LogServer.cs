using Sparkish.Rpc;

namespace Sparkish.Deploy.Logs;

/// <summary>
/// Gives the output of executors and drivers to the masters of its worker, which ask for their tools. Nobody else can ask: an application must not read the
/// output of others. It has a thread of its own, since it reads files.
/// </summary>
/// <param name="files">The output.</param>
/// <param name="masters">The masters of the worker.</param>
internal sealed class LogServer(LogFiles files, IReadOnlyList<RpcAddress> masters) : IsolatedRpcEndpoint
{
    public const string EndpointName = "Logs";

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToLogs m when LogRules.ProblemOf(m) is { } problem: call.SendFailure(new SparkException($"Refused {m.GetType().Name}: {problem}.")); break;
            case FetchLog m: OnFetchLog(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    // Any peer may dial this worker and claim to be a master, but masters are dialled by it.
    private void OnFetchLog(FetchLog m, RpcCallContext call)
    {
        if (call.Peer is { } peer && (peer.DialledAs is not { } dialled || !masters.Contains(dialled)))
        {
            call.SendFailure(new SparkException($"{peer.Address} is not a master of this worker: ask a master."));
            return;
        }

        try
        {
            call.Reply(files.Read(m.Source, m.Stream, m.From, LogRules.MaxPart) ?? new LogPart(Worker: null, [], Next: null, HasGap: false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            call.SendFailure(new SparkException($"the output cannot be read: {error.Message}"));
        }
    }
}
