using System.Threading.Channels;
using Sparkish.Rpc;

namespace Sparkish.Tests;

/// <summary>An endpoint that keeps what it is sent, for a test to expect.</summary>
internal sealed class ProbeEndpoint : RpcEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();

    public override void Receive(object message) => _received.Writer.TryWrite(message);

    /// <summary>The next message, which must be of a type.</summary>
    public async Task<T> ExpectAsync<T>()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var message = await _received.Reader.ReadAsync(patience.Token);
            Assert.That(message, Is.TypeOf<T>());
            return (T)message;
        }
        catch (OperationCanceledException e)
        {
            throw new AssertionException($"No {typeof(T).Name} came within {Patience}.", e);
        }
    }

    /// <summary>Whether nothing was received that was not expected yet.</summary>
    public bool IsEmpty => !_received.Reader.TryPeek(out _);
}
