using Sparkish.Membership;
using Sparkish.Serialization;

namespace Sparkish.Benchmarks.Membership;

/// <summary>Counts the bytes of messages as their codecs write them, without frames.</summary>
internal sealed class MessageBytes
{
    private readonly ByteWriter _writer = new(1 << 16);

    public long Total { get; private set; }

    public void Add(IToMembership message)
    {
        _writer.Clear();
        switch (message)
        {
            case Ping m: Codec.For<Ping>().Write(_writer, m); break;
            case Ack m: Codec.For<Ack>().Write(_writer, m); break;
            case PingRequest m: Codec.For<PingRequest>().Write(_writer, m); break;
            case Nack m: Codec.For<Nack>().Write(_writer, m); break;
            case News m: Codec.For<News>().Write(_writer, m); break;
            case Digest m: Codec.For<Digest>().Write(_writer, m); break;
            case FullState m: Codec.For<FullState>().Write(_writer, m); break;
            default: throw new InvalidOperationException($"{message.GetType().Name} is no message of membership.");
        }

        Total += _writer.Length;
    }
}
