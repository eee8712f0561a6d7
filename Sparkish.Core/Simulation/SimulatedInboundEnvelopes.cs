#pragma warning disable MA0048 // what came from a peer: sent or asked
using Sparkish.Rpc;
using Sparkish.Rpc.Local;

namespace Sparkish.Simulation;

/// <summary>What a peer sent.</summary>
internal sealed class SimulatedInboundSend(SimulatedConnection connection, int bytes, object message) : Envelope
{
    public override void Deliver(RpcEndpoint endpoint) => endpoint.Receive(message);

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => dispatcher.ReportUndelivered(message, receiver.Name);

    public override void Clear() => connection.Handled(bytes);
}

/// <summary>What a peer asked; the answer goes back over the connection that it came by.</summary>
internal sealed class SimulatedInboundAsk : AskEnvelope
{
    private readonly SimulatedConnection _connection;
    private readonly int _bytes;
    private readonly long _id;
    private bool _answered;

    public SimulatedInboundAsk(SimulatedConnection connection, int bytes, long id, object question)
    {
        _connection = connection;
        _bytes = bytes;
        _id = id;
        Hold(question);
    }

    public override RpcAddress SenderAddress => _connection.Peer;

    public override bool IsAuthenticated => _connection.IsAuthenticated;

    public override void Reply(int token, object? response)
    {
        Take();
        _connection.SendReply(_id, response);
    }

    public override void SendFailure(int token, Exception error)
    {
        Take();
        _connection.SendFailure(_id, error);
    }

    public override void TrySendFailure(Exception error)
    {
        if (_answered) return;
        _answered = true;
        _connection.SendFailure(_id, error);
    }

    public override void Clear()
    {
        base.Clear();
        _connection.Handled(_bytes);
    }

    private void Take()
    {
        if (_answered) throw AnsweredBefore();
        _answered = true;
    }
}
