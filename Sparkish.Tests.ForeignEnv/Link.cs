using System.Threading.Channels;
using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>One env's end of a connection with another one: frames come and go in order, until either end closes it.</summary>
internal sealed class Link
{
    private readonly Channel<byte[]> _incoming = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });

    private Link(RpcAddress peer) => Peer = peer;

    /// <summary>The address of the env at the other end.</summary>
    public RpcAddress Peer { get; }

    /// <summary>What the other end sent.</summary>
    public ChannelReader<byte[]> Incoming => _incoming.Reader;

    private Link Other { get; set; } = null!;

    public static (Link A, Link B) Between(RpcAddress a, RpcAddress b)
    {
        var (atA, atB) = (new Link(b), new Link(a));
        (atA.Other, atB.Other) = (atB, atA);
        return (atA, atB);
    }

    /// <summary>Sends a frame; false when the connection has ended.</summary>
    public bool TrySend(byte[] frame) => Other._incoming.Writer.TryWrite(frame);

    /// <summary>Ends the connection; what was sent before still arrives.</summary>
    public void Close()
    {
        _incoming.Writer.TryComplete();
        Other._incoming.Writer.TryComplete();
    }
}
