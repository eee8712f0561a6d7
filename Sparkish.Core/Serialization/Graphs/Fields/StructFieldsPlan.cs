using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Fields;

/// <summary>Structs field by field: inline, or in a box.</summary>
internal sealed class StructFieldsPlan<T> : ValuePlan<T> where T : struct
{
    private readonly TypeShape _shape = new(typeof(T));
    private WriteFields<T>? _write;
    private ReadFields<T>? _read;
    private int _written;
    private int _made;

    public override NodeTag Tag => NodeTag.Fields;

    // A box without references is a value, and is repeated.
    public override bool IsShared => RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    public override void Write(ObjectWriter writer, object value) => WriteValue(writer, Unsafe.Unbox<T>(value));

    public override void WriteValue(ObjectWriter writer, in T value)
    {
        if (writer.IsFirst(this)) _shape.Write(writer);
        if (_write is null && _written++ < FieldsPlan.Few) FieldsPlan.WriteSlots(_shape, writer, value);
        else (_write ??= new FieldsEmitter(_shape).Write<T>())(writer, value);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        input.Charge(1, _shape.InstanceSize);
        object box = default(T);
        reader.Register(id, box);
        ReadInto(reader, ref input, box);
        return box;
    }

    public override void ReadValue(ObjectReader reader, ref ByteReader input, ref T value)
    {
        if (_read is not null && reader.ShapeOf(this, _shape, ref input).IsSame)
        {
            _read(reader, ref input, ref value);
            return;
        }

        object box = value;
        ReadInto(reader, ref input, box);
        value = Unsafe.Unbox<T>(box);
    }

    private void ReadInto(ObjectReader reader, ref ByteReader input, object box)
    {
        if (reader.ShapeOf(this, _shape, ref input) is { IsSame: false } written) written.ReadInto(reader, box, ref input);
        else if (_read is null && _made++ < FieldsPlan.Few) FieldsPlan.ReadSlots(_shape, reader, ref input, box);
        else (_read ??= new FieldsEmitter(_shape).Read<T>())(reader, ref input, ref Unsafe.Unbox<T>(box));
    }
}
