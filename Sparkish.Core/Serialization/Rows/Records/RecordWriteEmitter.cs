using System.Reflection.Emit;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>
/// Emits methods that write values of one type. Consecutive members of a fixed size form a run: space is reserved once for all of them, and each is stored at
/// its offset. Nested structs, tuples and records are written inline.
/// </summary>
/// <remarks>
/// For <c>record Person(int Age, Point At, string Name, Address Home)</c>, with a struct <c>Point(float X, float Y)</c> and an <c>Address</c> whose codec is
/// called, the method is
/// <code>
/// static void WritePerson(object[] constants, ByteWriter writer, ref readonly Person value)
/// {
///     string path = null;
///     var index = -1;
///     try
///     {
///         var person = value;
///         if (person == null)
///         {
///             writer.WriteByte(RecordTag.Null);
///             return;
///         }
///
///         // One run: the tag and all members of a fixed size in front of the first that is not.
///         ref byte at = ref writer.Take(13);
///         at = RecordTag.Exact;
///         Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 1), person.Age);
///         Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 5), person.At.X);
///         Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 9), person.At.Y);
///         writer.WriteString(person.Name);
///         path = "Home";
///         ((Codec&lt;Address&gt;)constants[0]).Write(writer, in person.Home);
///     }
///     catch (SerializationException e)
///     {
///         throw RowPath.Extend(e, typeof(Person), index, path);
///     }
/// }
/// </code>
/// The try is there only where codecs are called and the type cannot hold itself; a type that can is framed by <c>writer.Enter()</c> and <c>writer.Leave()</c>.
/// The method for many values has the same body in a loop over a <see cref="ReadOnlySpan{T}"/>, and sets <c>index</c>.
/// </remarks>
internal sealed class RecordWriteEmitter : EmittedMethod
{
    private readonly List<(int Size, Action<ILGenerator> Store)> _run = [];
    private readonly LocalBuilder _at;
    private readonly LocalBuilder? _path;
    private readonly LocalBuilder _index;
    private readonly Type _root;

    private RecordWriteEmitter(Type root, Type values, bool withPaths) : base($"Write{root.Name}", typeof(void), [typeof(ByteWriter), values])
    {
        _root = root;
        _at = Il.DeclareLocal(typeof(byte).MakeByRefType());
        _index = Il.DeclareLocal(typeof(int));
        if (!withPaths) return;
        _path = Il.DeclareLocal(typeof(string));
        Il.Emit(OpCodes.Ldc_I4_M1);
        Il.Emit(OpCodes.Stloc, _index);
        Il.BeginExceptionBlock();
    }

    // A called codec may refuse its value, and then the error needs the path to it.
    private bool HasCalls { get; set; }

    public static TDelegate EmitOne<TDelegate>(RecordShape shape) where TDelegate : Delegate =>
        Emit<TDelegate>(shape.Type, shape.Type.MakeByRefType(), emitter =>
            emitter.WriteRecord(shape, Place.At(shape.Type, static il => il.Emit(OpCodes.Ldarg_2)), "", isRoot: true));

    public static TDelegate EmitMany<TDelegate>(RecordShape shape) where TDelegate : Delegate
    {
        var span = typeof(ReadOnlySpan<>).MakeGenericType(shape.Type);
        return Emit<TDelegate>(shape.Type, span, emitter => emitter.WriteEach(shape, span));
    }

    private static TDelegate Emit<TDelegate>(Type root, Type values, Action<RecordWriteEmitter> emit) where TDelegate : Delegate
    {
        var emitter = new RecordWriteEmitter(root, values, withPaths: false);
        emit(emitter);

        // Catching and rethrowing an error at each of thousands of levels would overflow the stack: only types of bounded depth add paths.
        if (emitter.HasCalls && !TypeReach.IsRecursive(root))
        {
            emitter = new RecordWriteEmitter(root, values, withPaths: true);
            emit(emitter);
        }

        emitter.End();
        return emitter.Make<TDelegate>();
    }

    private void WriteEach(RecordShape shape, Type span)
    {
        var element = Il.DeclareLocal(shape.Type.MakeByRefType());
        ForEach(Method(span, "get_Length"), () => Il.Emit(OpCodes.Ldarga_S, (byte)2), index =>
        {
            Il.Emit(OpCodes.Ldarga_S, (byte)2);
            Il.Emit(OpCodes.Ldloc, index);
            Il.Emit(OpCodes.Call, Method(span, "get_Item"));
            Il.Emit(OpCodes.Stloc, element);
            if (_path is not null)
            {
                Il.Emit(OpCodes.Ldloc, index);
                Il.Emit(OpCodes.Stloc, _index);
            }

            WriteRecord(shape, Place.At(shape.Type, il => il.Emit(OpCodes.Ldloc, element)), "", isRoot: true);
            Flush();
        });
    }

    private void End()
    {
        Flush();
        if (_path is null) return;
        Il.BeginCatchBlock(typeof(SerializationException));
        Il.Emit(OpCodes.Ldtoken, _root);
        Il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
        Il.Emit(OpCodes.Ldloc, _index);
        Il.Emit(OpCodes.Ldloc, _path);
        Il.Emit(OpCodes.Call, Method(typeof(RowPath), nameof(RowPath.Extend)));
        Il.Emit(OpCodes.Throw);
        Il.EndExceptionBlock();
    }

    private void Write(Place place, string path)
    {
        switch (FormOf(place.Type))
        {
            case FixedForm form: AddFixed(form.Size, place); break;
            case TextForm: WriteText(place); break;
            case NullableForm form: WriteNullable(form, place, path); break;
            case RecordForm form: WriteRecord(form.Shape, place, path, isRoot: false); break;
            default: WriteByCodec(place, path); break;
        }
    }

    private void WriteRecord(RecordShape shape, Place place, string path, bool isRoot)
    {
        if (shape.Type.IsValueType)
        {
            WriteMembers(shape, place, path);
            return;
        }

        Flush();
        var value = Il.DeclareLocal(shape.Type);
        var (notNull, end) = (Il.DefineLabel(), Il.DefineLabel());
        place.LoadValue(Il);
        Il.Emit(OpCodes.Stloc, value);
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Brtrue, notNull);
        WriteByte(RecordTag.Null);
        Il.Emit(OpCodes.Br, end);
        Il.MarkLabel(notNull);
        if (shape.IsOpen) WriteDerived(value, path, end);
        AddExactTag();
        var isCounted = isRoot && TypeReach.IsRecursive(shape.Type);
        if (isCounted) CallWriter(nameof(ByteWriter.Enter));
        WriteMembers(shape, Place.Local(value), path);
        Flush();
        if (isCounted) CallWriter(nameof(ByteWriter.Leave));
        Il.MarkLabel(end);
    }

    private void WriteMembers(RecordShape shape, Place place, string path)
    {
        var start = shape.IsExtensible ? Il.DeclareLocal(typeof(int)) : null;
        if (start is not null)
        {
            CallWriter(nameof(ByteWriter.BeginPart));
            Il.Emit(OpCodes.Stloc, start);
        }

        foreach (var member in shape.Members) Write(place.Field(member.Field), path.Length == 0 ? member.Name : $"{path}.{member.Name}");
        if (start is null) return;
        Flush();
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, start);
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), nameof(ByteWriter.EndPart)));
    }

    // A value of a derived type has more members, and is written with its type.
    private void WriteDerived(LocalBuilder value, string path, Label end)
    {
        var exact = Il.DefineLabel();
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Callvirt, typeof(object).GetMethod(nameof(GetType))!);
        Il.Emit(OpCodes.Ldtoken, value.LocalType);
        Il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
        Il.Emit(OpCodes.Beq, exact);
        WriteByte(RecordTag.Derived);
        MarkPath(path);
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Call, Method(typeof(ObjectSerializer), nameof(ObjectSerializer.Write)));
        Il.Emit(OpCodes.Br, end);
        Il.MarkLabel(exact);
    }

    private void WriteNullable(NullableForm form, Place place, string path)
    {
        Flush();
        var (has, end) = (Il.DefineLabel(), Il.DefineLabel());
        place.LoadAddress(Il);
        Il.Emit(OpCodes.Call, place.Type.GetProperty(nameof(Nullable<>.HasValue))!.GetMethod!);
        Il.Emit(OpCodes.Brtrue, has);
        WriteByte(RecordTag.Null);
        Il.Emit(OpCodes.Br, end);
        Il.MarkLabel(has);
        AddExactTag();
        var inside = typeof(Nullable).GetMethod(nameof(Nullable.GetValueRefOrDefaultRef))!.MakeGenericMethod(form.Underlying);
        Write(Place.At(form.Underlying, il =>
        {
            place.LoadAddress(il);
            il.Emit(OpCodes.Call, inside);
        }), path);
        Flush();
        Il.MarkLabel(end);
    }

    private void WriteText(Place place)
    {
        Flush();
        Il.Emit(OpCodes.Ldarg_1);
        place.LoadValue(Il);
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), nameof(ByteWriter.WriteString)));
    }

    private void WriteByCodec(Place place, string path)
    {
        Flush();
        MarkPath(path);
        LoadCodec(place.Type);
        Il.Emit(OpCodes.Ldarg_1);
        place.LoadAddress(Il);
        Il.Emit(OpCodes.Callvirt, CodecMethod(place.Type, nameof(Codec<>.Write)));
    }

    // The byte belongs to the run of the members behind it.
    private void AddExactTag() => _run.Add((1, StoreExactTag));

    private static void StoreExactTag(ILGenerator il)
    {
        il.Emit(OpCodes.Ldc_I4, RecordTag.Exact);
        il.Emit(OpCodes.Stind_I1);
    }

    private void AddFixed(int size, Place place) => _run.Add((size, il =>
    {
        place.LoadValue(il);
        il.Emit(OpCodes.Unaligned, (byte)1);
        il.Emit(OpCodes.Stobj, place.Type);
    }
    ));

    private void Flush()
    {
        if (_run.Count == 0) return;
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldc_I4, _run.Sum(static part => part.Size));
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), nameof(ByteWriter.Take)));
        Il.Emit(OpCodes.Stloc, _at);
        var offset = 0;
        foreach (var (size, store) in _run)
        {
            Il.Emit(OpCodes.Ldloc, _at);
            Il.Emit(OpCodes.Ldc_I4, offset);
            Il.Emit(OpCodes.Add);
            store(Il);
            offset += size;
        }

        _run.Clear();
    }

    private void WriteByte(int value)
    {
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldc_I4, value);
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), nameof(ByteWriter.WriteByte)));
    }

    private void CallWriter(string method)
    {
        Flush();
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), method));
    }

    private void MarkPath(string path)
    {
        HasCalls = true;
        if (_path is null) return;
        LoadConstant(path);
        Il.Emit(OpCodes.Stloc, _path);
    }
}
