
namespace Sparkish.Serialization.Schemas;

/// <summary>Reads a value in its stored form and writes it in its current form. Stateless after its creation: one instance serves all threads.</summary>
internal abstract class Transcoding
{
    public abstract void Run(ref SchemaInput input, ByteWriter output);
}

/// <summary>A value with the same encoding on both sides, without parts that change.</summary>
internal sealed class CopyTranscoding(SchemaNode node) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        var start = input.Position;
        node.Skip(ref input);
        output.WriteRaw(input.Slice(start, input.Position));
    }
}

/// <summary>A value that only its codec can read, and that is the same on both sides.</summary>
internal sealed class CopyByCodecTranscoding(StoredValueReader read) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        var start = input.Position;
        input.ReadBy(read);
        output.WriteRaw(input.Slice(start, input.Position));
    }
}

/// <summary>A number that was widened.</summary>
internal sealed class WidenTranscoding(FixedNode from, FixedKind to) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output) => NumberWidening.Write(output, to, from.Kind, input.Take(from.Size));
}

/// <summary>A value that is now nullable and was not before.</summary>
internal sealed class ToNullableTranscoding(Transcoding value) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        output.WriteByte(1);
        value.Run(ref input, output);
    }
}

/// <summary>A value after a presence byte.</summary>
internal sealed class NullableTranscoding(Transcoding value) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        var isThere = input.ReadPresence();
        output.WriteByte(isThere ? (byte)1 : (byte)0);
        if (isThere) value.Run(ref input, output);
    }
}

/// <summary>Elements behind their count, whatever collections they are of.</summary>
internal sealed class SequenceTranscoding(SequenceNode from, SequenceNode to, Transcoding element) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        var count = input.ReadNullableCount();
        output.WriteNullableCount(count);
        if (count < 0) return;
        var comparer = from.HasComparer ? input.ReadByte() : (byte)0;
        if (to.HasComparer) output.WriteByte(comparer);
        input.Enter();
        for (; count > 0; count--)
        {
            input.Step();
            element.Run(ref input, output);
        }

        input.Leave();
    }
}

/// <summary>Arrays of several dimensions.</summary>
internal sealed class RankTranscoding(RankNode from, Transcoding element) : Transcoding
{
    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        var isThere = input.ReadPresence();
        output.WriteByte(isThere ? (byte)1 : (byte)0);
        if (!isThere) return;
        var lengths = from.ReadLengths(ref input);
        foreach (var length in lengths) output.WriteCount(length);
        input.Enter();
        for (var left = RankNode.Count(lengths); left > 0; left--)
        {
            input.Step();
            element.Run(ref input, output);
        }

        input.Leave();
    }
}
