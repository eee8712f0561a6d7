using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>Replies to executors with the locations of map outputs, as last published by the DagScheduler.</summary>
internal sealed class MapOutputTracker : RpcEndpoint
{
    public const string EndpointName = "MapOutputTracker";

    private readonly Dictionary<int, MapOutputStatuses> _outputs = [];
    private readonly HashSet<RpcAddress> _executors = [];

    public override void Receive(object message)
    {
        switch (message)
        {
            case RegisterMapOutputs m: _outputs[m.ShuffleId] = new MapOutputStatuses(m.Epoch, m.Statuses); break;
            case AdmitExecutor m: _executors.Add(m.Executor); break;
            case ForgetExecutor m: _executors.Remove(m.Executor); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToMapOutputTracker m when MapOutputRules.ProblemOf(m) is { } problem: call.SendFailure(new SparkException($"Refused: {problem}.")); break;
            case GetMapOutputStatuses m: OnGetMapOutputStatuses(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    private void OnGetMapOutputStatuses(GetMapOutputStatuses message, RpcCallContext call)
    {
        if (call.Peer is { } peer && !_executors.Contains(peer.Address)) call.SendFailure(new SparkException($"{peer.Address} is not an executor of this driver."));
        else if (_outputs.TryGetValue(message.ShuffleId, out var outputs)) call.Reply(outputs);
        else call.SendFailure(new SparkException($"Shuffle {message.ShuffleId} is not known to the driver."));
    }
}
