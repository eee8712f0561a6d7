using System.Buffers.Binary;
using Akka.Actor;
using Akka.Serialization;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote ends an association for any other one

namespace Sparkish.Akka.Channels;

/// <summary>
/// The only serializer of ours that Akka knows. It carries the ends of channels; what is inside is read by the transport's own format, after a handshake.
/// </summary>
internal sealed class ChannelSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Its name in the settings of an actor system.</summary>
    public const string Name = "sparkish-channel";

    private const string OpenManifest = "O";
    private const string OpenedManifest = "P";
    private const string DataManifest = "D";
    private const string EndManifest = "E";
    private const string AckManifest = "A";
    private const string SyncManifest = "S";
    private const string GoneManifest = "G";
    private const int AckBytes = (2 * sizeof(long)) + 1;

    public override int Identifier => 0x5350_4B01;

    public override string Manifest(object o) => o switch
    {
        ChannelData => DataManifest,
        ChannelAck => AckManifest,
        ChannelSync => SyncManifest,
        ChannelEnd => EndManifest,
        ChannelGone => GoneManifest,
        OpenChannel => OpenManifest,
        ChannelOpened => OpenedManifest,
        _ => throw new SurvivedException($"{o?.GetType()} is no message of a channel."),
    };

    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case ChannelData data: return data.Frame;
            case ChannelEnd end: return Bytes(end.Offset);
            case ChannelSync sync: return Bytes(sync.Sent);
            case ChannelAck ack:
                var bytes = new byte[AckBytes];
                BinaryPrimitives.WriteInt64LittleEndian(bytes, ack.Received);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), ack.Limit);
                bytes[^1] = ack.Resend ? (byte)1 : (byte)0;
                return bytes;
            default: return [];
        }
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return (manifest, bytes.Length) switch
        {
            (DataManifest, _) when ChannelData.From(bytes) is { } data => data,
            (EndManifest, sizeof(long)) => new ChannelEnd(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            (SyncManifest, sizeof(long)) => new ChannelSync(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            (AckManifest, AckBytes) => new ChannelAck(
                BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(sizeof(long))), bytes[^1] != 0),
            (GoneManifest, 0) => ChannelGone.Instance,
            (OpenManifest, 0) => OpenChannel.Instance,
            (OpenedManifest, 0) => ChannelOpened.Instance,
            _ => throw new SurvivedException($"{bytes.Length} bytes are no message of a channel."),
        };
    }

    private static byte[] Bytes(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
