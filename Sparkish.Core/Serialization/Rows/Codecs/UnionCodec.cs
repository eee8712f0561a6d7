using Sparkish.Diagnostics;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>
/// An F# union: the number of the case from 1 on, then its fields; 0 is null, which is also F#'s representation of one case. Reading and writing methods are
/// emitted on first use.
/// </summary>
internal sealed class UnionCodec<T>(UnionShape shape) : BuiltInCodec<T>
{
    private WriteCase? _write;
    private ReadCase? _read;

    private delegate void WriteCase(ByteWriter writer, ref readonly T value);

    private delegate T ReadCase(ref ByteReader reader, int tag);

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in T value)
    {
        if (value is null)
        {
            writer.WriteCount(0);
            return;
        }

        var write = _write ??= UnionEmitter.EmitWrite<WriteCase>(shape);
        var depth = writer.Depth;
        writer.Enter();
        try
        {
            write(writer, in value);
        }
        finally
        {
            writer.Depth = depth;
        }
    }

    public override T Read(ref ByteReader reader)
    {
        var tag = reader.ReadCount(minBytesEach: 0) - 1;
        if (tag < 0 && default(T) is null) return default!;
        if ((uint)tag >= (uint)shape.Cases.Count)
            throw new SerializationException($"{tag + 1} is not a case of {typeof(T)}, which has {shape.Cases.Count}.");
        var read = _read ??= UnionEmitter.EmitRead<ReadCase>(shape);
        reader.Enter();
        try
        {
            return read(ref reader, tag);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"The input is not a valid {typeof(T)}: {ExceptionText.MessageOf(e)}", e);
        }
        finally
        {
            reader.Leave();
        }
    }

    internal override void Describe(SchemaText text)
    {
        if (!text.IsFirst(typeof(T))) return;
        text.Append("union (");
        for (var i = 0; i < shape.Cases.Count; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(shape.Cases[i].Name).Append(" (");
            foreach (var (number, field) in shape.Cases[i].Fields.Index())
            {
                text.Append(number > 0 ? ", " : "").Append(field.Name).Append(": ").Append(Codec.Of(field.PropertyType));
            }

            text.Append(")");
        }

        text.Append(")");
    }
}
