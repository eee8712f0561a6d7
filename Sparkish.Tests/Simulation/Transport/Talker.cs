using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Simulation.Transport;

/// <summary>
/// An endpoint that sends numbered notes, asks, and checks what it is told: notes of one sender come in order and once, asks are answered with what was
/// asked, and connections with one address are told of one after the other.
/// </summary>
internal sealed class Talker(SimulatedCluster cluster, string start, bool hasOtherNames = false) : RpcEndpoint
{
    private readonly Dictionary<string, int> _lastOf = new(StringComparer.Ordinal);
    private readonly Dictionary<RpcAddress, int> _connections = [];
    private readonly Dictionary<string, int> _sent = new(StringComparer.Ordinal);

    /// <summary>How many notes have come.</summary>
    public int Received { get; private set; }

    /// <summary>How many asks wait for their outcome.</summary>
    public int Asking { get; private set; }

    public int Answered { get; private set; }

    public int Failed { get; private set; }

    /// <summary>How many connections were told of.</summary>
    public int Connects { get; private set; }

    public int Disconnects { get; private set; }

    public RpcEnv TheEnv => Env;

    /// <summary>Sends the next note to a name.</summary>
    public void Send(RpcEndpointAddress to)
    {
        var stream = $"{start}>{to}";
        var number = _sent[stream] = _sent.GetValueOrDefault(stream) + 1;
        Env.RefTo(to).Send(new Note(stream, number));
    }

    /// <summary>Asks a name something.</summary>
    public void Ask(RpcEndpointAddress to)
    {
        var number = ++Asking;
        _ = AwaitAsync();

        async Task AwaitAsync()
        {
            try
            {
                var answer = await Env.RefTo(to).AskAsync<int>(number);
                cluster.Check(answer == number, $"{start} asked {number} and was answered {answer}.");
                Answered++;
            }
            catch (SparkException)
            {
                Failed++;
            }

            Asking--;
        }
    }

    public override void Receive(object message)
    {
        var note = (Note)message;
        var last = _lastOf.GetValueOrDefault(note.Sender);
        cluster.Check(note.Number > last, $"{start} got note {note.Number} of {note.Sender} after note {last}.");
        _lastOf[note.Sender] = note.Number;
        Received++;
    }

    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);

    public override void OnConnected(RpcAddress remote)
    {
        Connects++;
        var open = _connections[remote] = _connections.GetValueOrDefault(remote) + 1;
        cluster.Check(open == 1 || hasOtherNames, $"{start} was told of a connection with {remote} before the end of the last one.");
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        Disconnects++;
        var open = _connections[remote] = _connections.GetValueOrDefault(remote) - 1;
        cluster.Check(open >= 0, $"{start} was told of the end of a connection with {remote} that it was never told of.");
    }
}
