using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>
/// Emits methods that read values of one type: the mirror of <see cref="RecordWriteEmitter"/>. Consecutive members of a fixed size need one bounds check; a
/// value is created once all its members were read.
/// </summary>
/// <remarks>
/// For <c>record Person(int Age, bool IsHere, string Name, Address Home)</c>, with an <c>Address</c> whose codec is called, the method is
/// <code>
/// static Person ReadPerson(object[] constants, ref ByteReader reader)
/// {
///     var tag = reader.ReadByte();
///     if (tag == RecordTag.Null) return null;
///     if (tag == RecordTag.Derived) return DerivedValues.Read&lt;Person&gt;(ref reader); // only if the record is not sealed
///     if (tag != RecordTag.Exact) throw RecordTag.Invalid(tag, typeof(Person));
///
///     // One run: all members of a fixed size in front of the first that is not.
///     ref readonly byte at = ref reader.Take(5);
///     var age = Unsafe.ReadUnaligned&lt;int&gt;(in at);
///     var isHere = FixedChecks.Bool(Unsafe.ReadUnaligned&lt;bool&gt;(in Unsafe.Add(ref at, 4)));
///     var name = reader.ReadString();
///     var home = ((Codec&lt;Address&gt;)constants[0]).Read(ref reader);
///     return new Person(age, isHere, name, home);
/// }
/// </code>
/// Fields that no parameter takes, or that the constructor may have changed, are set behind the last line. The method for many values has the same body in a
/// loop that
/// fills a <see cref="Span{T}"/>.
/// </remarks>
internal sealed class RecordReadEmitter : EmittedMethod
{
    private readonly List<(int Size, LocalBuilder Into, MethodInfo? Check)> _run = [];

    // The work on members of a run once they are loaded: structs that are complete before the run is.
    private readonly List<Action> _afterRun = [];
    private readonly LocalBuilder _at;

    private RecordReadEmitter(RecordShape shape, Type returned, params Type[] parameters) : base($"Read{shape.Type.Name}", returned, parameters) =>
        _at = Il.DeclareLocal(typeof(byte).MakeByRefType());

    public static TDelegate EmitOne<TDelegate>(RecordShape shape) where TDelegate : Delegate
    {
        var emitter = new RecordReadEmitter(shape, shape.Type, typeof(ByteReader).MakeByRefType());
        var value = emitter.ReadRecord(shape, isRoot: true);
        emitter.Flush();
        emitter.Il.Emit(OpCodes.Ldloc, value);
        return emitter.Make<TDelegate>();
    }

    public static TDelegate EmitMany<TDelegate>(RecordShape shape) where TDelegate : Delegate
    {
        var span = typeof(Span<>).MakeGenericType(shape.Type);
        var emitter = new RecordReadEmitter(shape, typeof(void), typeof(ByteReader).MakeByRefType(), span);
        var il = emitter.Il;
        emitter.ForEach(Method(span, "get_Length"), () => il.Emit(OpCodes.Ldarga_S, (byte)2), index =>
        {
            var value = emitter.ReadRecord(shape, isRoot: true);
            emitter.Flush();
            il.Emit(OpCodes.Ldarga_S, (byte)2);
            il.Emit(OpCodes.Ldloc, index);
            il.Emit(OpCodes.Call, Method(span, "get_Item"));
            il.Emit(OpCodes.Ldloc, value);
            il.Emit(OpCodes.Stobj, shape.Type);
        });
        return emitter.Make<TDelegate>();
    }

    // The local contains the value after the next flush at the latest.
    private LocalBuilder Read(Type type) => FormOf(type) switch
    {
        FixedForm form => ReadFixed(type, form),
        TextForm => ReadText(),
        NullableForm form => ReadNullable(type, form),
        RecordForm form => ReadRecord(form.Shape, isRoot: false),
        _ => ReadByCodec(type),
    };

    private LocalBuilder ReadRecord(RecordShape shape, bool isRoot)
    {
        var value = Il.DeclareLocal(shape.Type);
        if (shape.Type.IsValueType)
        {
            ReadMembers(shape, value);
            return value;
        }

        var end = Il.DefineLabel();
        ReadTag(shape, value, end);
        var isCounted = isRoot && TypeReach.IsRecursive(shape.Type);
        if (isCounted) CallReader(nameof(ByteReader.Enter));
        ReadMembers(shape, value);
        Flush();
        if (isCounted) CallReader(nameof(ByteReader.Leave));
        Il.MarkLabel(end);
        return value;
    }

    private void ReadMembers(RecordShape shape, LocalBuilder value)
    {
        if (shape.IsExtensible)
        {
            ReadPart(shape, value);
            return;
        }

        LocalBuilder[] members = [.. shape.Members.Select(member => Read(member.Field.FieldType))];
        if (_run.Count > 0) _afterRun.Add(() => Build(shape, members, value));
        else Build(shape, members, value);
    }

    private void ReadPart(RecordShape shape, LocalBuilder value)
    {
        var end = Il.DeclareLocal(typeof(int));
        CallReader(nameof(ByteReader.BeginPart));
        Il.Emit(OpCodes.Stloc, end);
        var parameters = shape.Constructor!.GetParameters();
        LocalBuilder[] members = [.. shape.Members.Select((member, i) => ReadUnlessMissing(member.Field.FieldType, parameters[i]))];
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, end);
        Il.Emit(OpCodes.Call, Method(typeof(ByteReader), nameof(ByteReader.EndPart)));
        Build(shape, members, value);
    }

    private LocalBuilder ReadUnlessMissing(Type type, ParameterInfo parameter)
    {
        var result = Il.DeclareLocal(type);
        var (missing, end) = (Il.DefineLabel(), Il.DefineLabel());
        CallReader("get_Remaining");
        Il.Emit(OpCodes.Brfalse, missing);
        var read = Read(type);
        Flush();
        Il.Emit(OpCodes.Ldloc, read);
        Il.Emit(OpCodes.Stloc, result);
        Il.Emit(OpCodes.Br, end);
        Il.MarkLabel(missing);
        SetDefault(result, parameter);
        Il.MarkLabel(end);
        return result;
    }

    private void SetDefault(LocalBuilder result, ParameterInfo parameter)
    {
        if (parameter is { HasDefaultValue: true, DefaultValue: { } declared })
        {
            var underlying = Nullable.GetUnderlyingType(result.LocalType) ?? result.LocalType;
            LoadConstant(underlying.IsEnum ? Enum.ToObject(underlying, declared) : declared);
            Il.Emit(OpCodes.Unbox_Any, result.LocalType);
            Il.Emit(OpCodes.Stloc, result);
        }
        else
        {
            Il.Emit(OpCodes.Ldloca, result);
            Il.Emit(OpCodes.Initobj, result.LocalType);
        }
    }

    private void Build(RecordShape shape, LocalBuilder[] members, LocalBuilder value)
    {
        if (shape.Constructor is not null)
        {
            for (var i = 0; i < shape.Given; i++) Il.Emit(OpCodes.Ldloc, members[i]);
            Il.Emit(OpCodes.Newobj, shape.Constructor);
            Il.Emit(OpCodes.Stloc, value);
        }
        else if (shape.Type.IsValueType)
        {
            Il.Emit(OpCodes.Ldloca, value);
            Il.Emit(OpCodes.Initobj, shape.Type);
        }
        else
        {
            Il.Emit(OpCodes.Ldtoken, shape.Type);
            Il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
            Il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
            Il.Emit(OpCodes.Castclass, shape.Type);
            Il.Emit(OpCodes.Stloc, value);
        }

        for (var i = shape.IsPlain ? shape.Given : 0; i < members.Length; i++)
        {
            Il.Emit(shape.Type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, value);
            Il.Emit(OpCodes.Ldloc, members[i]);
            Il.Emit(OpCodes.Stfld, shape.Members[i].Field);
        }
    }

    // Leaves the value null and jumps to the end, or falls through to the members.
    private void ReadTag(RecordShape shape, LocalBuilder value, Label end)
    {
        var tag = ReadByte();
        var (exact, invalid) = (Il.DefineLabel(), Il.DefineLabel());
        Il.Emit(OpCodes.Ldnull);
        Il.Emit(OpCodes.Stloc, value);
        Il.Emit(OpCodes.Ldloc, tag);
        Il.Emit(OpCodes.Ldc_I4, RecordTag.Exact);
        Il.Emit(OpCodes.Beq, exact);
        Il.Emit(OpCodes.Ldloc, tag);
        Il.Emit(OpCodes.Brfalse, end);
        if (shape.IsOpen)
        {
            Il.Emit(OpCodes.Ldloc, tag);
            Il.Emit(OpCodes.Ldc_I4, RecordTag.Derived);
            Il.Emit(OpCodes.Bne_Un, invalid);
            Il.Emit(OpCodes.Ldarg_1);
            Il.Emit(OpCodes.Call, Method(typeof(DerivedValues), nameof(DerivedValues.Read)).MakeGenericMethod(shape.Type));
            Il.Emit(OpCodes.Stloc, value);
            Il.Emit(OpCodes.Br, end);
        }

        Il.MarkLabel(invalid);
        ThrowInvalid(tag, shape.Type);
        Il.MarkLabel(exact);
    }

    private LocalBuilder ReadNullable(Type type, NullableForm form)
    {
        var value = Il.DeclareLocal(type);
        var (has, end) = (Il.DefineLabel(), Il.DefineLabel());
        var tag = ReadByte();
        Il.Emit(OpCodes.Ldloca, value);
        Il.Emit(OpCodes.Initobj, type);
        Il.Emit(OpCodes.Ldloc, tag);
        Il.Emit(OpCodes.Ldc_I4, RecordTag.Exact);
        Il.Emit(OpCodes.Beq, has);
        Il.Emit(OpCodes.Ldloc, tag);
        Il.Emit(OpCodes.Brfalse, end);
        ThrowInvalid(tag, type);
        Il.MarkLabel(has);
        var inside = Read(form.Underlying);
        Flush();
        Il.Emit(OpCodes.Ldloc, inside);
        Il.Emit(OpCodes.Newobj, type.GetConstructor([form.Underlying])!);
        Il.Emit(OpCodes.Stloc, value);
        Il.MarkLabel(end);
        return value;
    }

    private LocalBuilder ReadFixed(Type type, FixedForm form)
    {
        var value = Il.DeclareLocal(type);
        _run.Add((form.Size, value, form.Check));
        return value;
    }

    private LocalBuilder ReadText()
    {
        var value = Il.DeclareLocal(typeof(string));
        CallReader(nameof(ByteReader.ReadString));
        Il.Emit(OpCodes.Stloc, value);
        return value;
    }

    private LocalBuilder ReadByCodec(Type type)
    {
        Flush();
        var value = Il.DeclareLocal(type);
        LoadCodec(type);
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Callvirt, CodecMethod(type, nameof(Codec<>.Read)));
        Il.Emit(OpCodes.Stloc, value);
        return value;
    }

    private LocalBuilder ReadByte()
    {
        var tag = Il.DeclareLocal(typeof(byte));
        CallReader(nameof(ByteReader.ReadByte));
        Il.Emit(OpCodes.Stloc, tag);
        return tag;
    }

    private void ThrowInvalid(LocalBuilder tag, Type type)
    {
        Il.Emit(OpCodes.Ldloc, tag);
        Il.Emit(OpCodes.Ldtoken, type);
        Il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
        Il.Emit(OpCodes.Call, Method(typeof(RecordTag), nameof(RecordTag.Invalid)));
        Il.Emit(OpCodes.Throw);
    }

    private void CallReader(string method)
    {
        Flush();
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Call, Method(typeof(ByteReader), method));
    }

    private void Flush()
    {
        if (_run.Count > 0)
        {
            Il.Emit(OpCodes.Ldarg_1);
            Il.Emit(OpCodes.Ldc_I4, _run.Sum(static part => part.Size));
            Il.Emit(OpCodes.Call, Method(typeof(ByteReader), nameof(ByteReader.Take)));
            Il.Emit(OpCodes.Stloc, _at);
            var offset = 0;
            foreach (var (size, into, check) in _run)
            {
                Il.Emit(OpCodes.Ldloc, _at);
                Il.Emit(OpCodes.Ldc_I4, offset);
                Il.Emit(OpCodes.Add);
                Il.Emit(OpCodes.Unaligned, (byte)1);
                Il.Emit(OpCodes.Ldobj, into.LocalType);
                if (check is not null) Il.Emit(OpCodes.Call, check);
                Il.Emit(OpCodes.Stloc, into);
                offset += size;
            }

            _run.Clear();
        }

        foreach (var build in _afterRun) build();
        _afterRun.Clear();
    }
}
