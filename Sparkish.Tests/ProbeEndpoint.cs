using System.Threading.Channels;
using Sparkish.Rpc;

namespace Sparkish.Tests;

/// <summary>An endpoint that keeps what it gets, for a test to expect; asks are answered with true.</summary>
internal sealed class ProbeEndpoint : RpcEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();

    /// <summary>Messages that the test has no interest in, such as periodic ones.</summary>
    public Func<object, bool> Ignores { get; init; } = static _ => false;

    /// <summary>Whether asks get no answer, as from a process that is frozen.</summary>
    public bool AnswersNothing { get; set; }

    public override void Receive(object message)
    {
        if (!Ignores(message)) _received.Writer.TryWrite(message);
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        _received.Writer.TryWrite(message);
        if (!AnswersNothing) call.Reply(true);
    }

    /// <summary>The next message, which must be of a type.</summary>
    public async Task<T> ExpectAsync<T>()
    {
        object message;
        try
        {
            message = await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
        catch (TimeoutException timeout)
        {
            throw new AssertionException($"{Self} waited {Patience} for {typeof(T).Name} and got nothing.", timeout);
        }

        return message is T expected ? expected : throw new AssertionException($"{Self} expected {typeof(T).Name} but got {message}.");
    }

    /// <summary>The next message of a type; what comes before is passed over.</summary>
    public async Task<T> FishAsync<T>()
    {
        while (true)
        {
            if (await ExpectAsync<object>() is T wanted) return wanted;
        }
    }
}
