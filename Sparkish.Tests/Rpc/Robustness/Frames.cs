using System.Buffers.Binary;
using System.Text;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>
/// Frames byte by byte, as the protocol has them and as it has not: written down here once more, so that tests do not trust the code under test.
/// </summary>
internal static class Frames
{
    public const byte SendKind = 1;
    public const byte AskKind = 2;
    public const byte ReplyKind = 3;
    public const byte FailureKind = 4;
    public const byte NotFoundKind = 5;
    public const byte DefineKind = 6;
    public const byte PingKind = 7;
    public const byte CreditKind = 8;
    public const byte TracedKind = 9;

    public static byte[] Send(byte[] receiver, byte[] payload) => Frame(SendKind, receiver, payload);

    public static byte[] Ask(long id, byte[] receiver, byte[] payload) => Frame(AskKind, Int64(id), receiver, payload);

    public static byte[] Define(int number, string name) => Frame(DefineKind, Count(number), Text(name), Int64(0));

    public static byte[] Ping() => Frame(PingKind);

    /// <summary>A receiver by its number.</summary>
    public static byte[] Numbered(int number) => Count(number);

    /// <summary>A receiver by its name.</summary>
    public static byte[] Named(string name) => [0, .. Text(name), .. Int64(0)];

    public static byte[] Frame(byte kind, params byte[][] parts) => WithLength(1 + parts.Sum(part => part.Length), [kind, .. parts.SelectMany(part => part)]);

    /// <summary>A body behind a length that need not be its own.</summary>
    public static byte[] WithLength(int length, byte[] body)
    {
        var frame = new byte[sizeof(int) + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        body.CopyTo(frame, sizeof(int));
        return frame;
    }

    public static byte[] Int64(long value) => BitConverter.GetBytes(value);

    /// <summary>Seven bits in each byte, the lowest first.</summary>
    public static byte[] Count(int value)
    {
        var bytes = new List<byte>();
        for (var left = (uint)value; ; left >>= 7)
        {
            bytes.Add(left < 0x80 ? (byte)left : (byte)(left | 0x80));
            if (left < 0x80) return [.. bytes];
        }
    }

    public static byte[] Text(string text) => [.. Count(Encoding.UTF8.GetByteCount(text) + 1), .. Encoding.UTF8.GetBytes(text)];
}
