using System.Runtime.CompilerServices;
using Sparkish.Diagnostics;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>
/// A record, class or struct member by member. A byte precedes a class: 0 for null, 1 for its members, 2 for a graph of a derived type. Reading and writing
/// methods are emitted on first use: nothing is boxed, and a process pays only for the types it uses.
/// </summary>
internal sealed class RecordCodec<T>(RecordShape shape) : BuiltInCodec<T>
{
    private readonly bool _isRecursive = TypeReach.IsRecursive(typeof(T));
    private int _minBytes = -1;
    private WriteOne? _write;
    private WriteMany? _writeAll;
    private ReadOne? _read;
    private ReadMany? _readAll;

    private delegate void WriteOne(ByteWriter writer, ref readonly T value);

    private delegate void WriteMany(ByteWriter writer, ReadOnlySpan<T> values);

    private delegate T ReadOne(ref ByteReader reader);

    private delegate void ReadMany(ref ByteReader reader, Span<T> destination);

    internal override CodecForm Form => new RecordForm(shape);

    internal override int MinBytes => _minBytes >= 0 ? _minBytes : _minBytes = MinBytesOf();

    public override void Write(ByteWriter writer, in T value)
    {
        var write = _write ??= RecordWriteEmitter.EmitOne<WriteOne>(shape);
        if (_isRecursive) WriteCounted(writer, in value, write);
        else write(writer, in value);
    }

    public override T Read(ref ByteReader reader)
    {
        var read = _read ??= RecordReadEmitter.EmitOne<ReadOne>(shape);
        try
        {
            return read(ref reader);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw Failed(e);
        }
    }

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        var write = _writeAll ??= RecordWriteEmitter.EmitMany<WriteMany>(shape);
        var depth = writer.Depth;
        try
        {
            write(writer, values);
        }
        finally
        {
            writer.Depth = depth;
        }
    }

    public override void ReadAll(ref ByteReader reader, Span<T> destination)
    {
        var read = _readAll ??= RecordReadEmitter.EmitMany<ReadMany>(shape);
        try
        {
            read(ref reader, destination);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw Failed(e);
        }
    }

    internal override void Describe(SchemaText text) => shape.Describe(text, static (text, type) => text.Append(Codec.Of(type)));

    private static void WriteCounted(ByteWriter writer, in T value, WriteOne write)
    {
        var depth = writer.Depth;
        try
        {
            write(writer, in value);
        }
        finally
        {
            writer.Depth = depth;
        }
    }

    private int MinBytesOf()
    {
        if (!typeof(T).IsValueType) return 1;
        if (shape.IsExtensible) return sizeof(int);
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return shape.Members.Sum(static member => Codec.Of(member.Field.FieldType).MinBytes);
    }

    // Constructors and setters of the application run while a record is created and may throw anything.
    private static SerializationException Failed(Exception cause) => new($"The input is not a valid {typeof(T)}: {ExceptionText.MessageOf(cause)}", cause);
}
