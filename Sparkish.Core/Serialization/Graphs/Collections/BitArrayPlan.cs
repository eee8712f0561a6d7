using System.Collections;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Bits, eight to a byte.</summary>
internal sealed class BitArrayPlan() : ObjectPlan(typeof(BitArray))
{
    public override void Write(ObjectWriter writer, object value)
    {
        var bits = (BitArray)value;
        var bytes = new byte[Bytes(bits.Length)];
        bits.CopyTo(bytes, 0);
        writer.Output.WriteCount(bits.Length);
        writer.Output.WriteRaw(bytes);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var length = input.ReadCount(minBytesEach: 0);
        var bytes = input.ReadRaw(Bytes(length)).ToArray();
        return new BitArray(bytes) { Length = length };
    }

    private static int Bytes(int bits) => (int)(((long)bits + 7) / 8);
}
