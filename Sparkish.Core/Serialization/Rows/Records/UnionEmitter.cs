using System.Reflection.Emit;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>Emits methods that write and read values of an F# union: a switch over the cases, and in each the codecs of its fields.</summary>
/// <remarks>
/// For <c>type Shape = Circle of radius: float | Point</c> the methods are
/// <code>
/// static void WriteShape(object[] constants, ByteWriter writer, ref readonly Shape value)
/// {
///     switch (value.Tag)
///     {
///         case 0:
///             writer.WriteCount(1);
///             var radius = ((Shape.Circle)value).radius;
///             ((Codec&lt;double&gt;)constants[0]).Write(writer, in radius);
///             return;
///         case 1:
///             writer.WriteCount(2);
///             return;
///     }
/// }
///
/// static Shape ReadShape(object[] constants, ref ByteReader reader, int tag) => tag switch
/// {
///     0 => Shape.NewCircle(((Codec&lt;double&gt;)constants[0]).Read(ref reader)),
///     _ => Shape.Point,
/// };
/// </code>
/// </remarks>
internal sealed class UnionEmitter : EmittedMethod
{
    private readonly UnionShape _shape;

    private UnionEmitter(string verb, UnionShape shape, Type returned, params Type[] parameters)
        : base($"{verb}{shape.Type.Name}", returned, parameters) => _shape = shape;

    public static TDelegate EmitWrite<TDelegate>(UnionShape shape) where TDelegate : Delegate
    {
        var emitter = new UnionEmitter("Write", shape, typeof(void), typeof(ByteWriter), shape.Type.MakeByRefType());
        emitter.ForEachCase(emitter.LoadTag, emitter.WriteCase);
        return emitter.Make<TDelegate>();
    }

    public static TDelegate EmitRead<TDelegate>(UnionShape shape) where TDelegate : Delegate
    {
        var emitter = new UnionEmitter("Read", shape, shape.Type, typeof(ByteReader).MakeByRefType(), typeof(int));
        var value = emitter.Il.DeclareLocal(shape.Type);
        emitter.ForEachCase(() => emitter.Il.Emit(OpCodes.Ldarg_2), (_, unionCase) =>
        {
            emitter.ReadCase(unionCase);
            emitter.Il.Emit(OpCodes.Stloc, value);
        });
        emitter.Il.Emit(OpCodes.Ldloc, value);
        return emitter.Make<TDelegate>();
    }

    private void ForEachCase(Action loadTag, Action<int, UnionCase> body)
    {
        var end = Il.DefineLabel();
        var cases = _shape.Cases.Select(_ => Il.DefineLabel()).ToArray();
        loadTag();
        Il.Emit(OpCodes.Switch, cases);
        Il.Emit(OpCodes.Br, end);
        for (var number = 0; number < cases.Length; number++)
        {
            Il.MarkLabel(cases[number]);
            body(number, _shape.Cases[number]);
            Il.Emit(OpCodes.Br, end);
        }

        Il.MarkLabel(end);
    }

    private void WriteCase(int number, UnionCase unionCase)
    {
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldc_I4, number + 1);
        Il.Emit(OpCodes.Call, Method(typeof(ByteWriter), nameof(ByteWriter.WriteCount)));
        foreach (var field in unionCase.Fields)
        {
            var local = Il.DeclareLocal(field.PropertyType);
            LoadValue(field.DeclaringType!);
            Il.Emit(OpCodes.Call, field.GetMethod!);
            Il.Emit(OpCodes.Stloc, local);
            LoadCodec(field.PropertyType);
            Il.Emit(OpCodes.Ldarg_1);
            Il.Emit(OpCodes.Ldloca, local);
            Il.Emit(OpCodes.Callvirt, CodecMethod(field.PropertyType, nameof(Codec<>.Write)));
        }
    }

    private void ReadCase(UnionCase unionCase)
    {
        foreach (var field in unionCase.Fields)
        {
            LoadCodec(field.PropertyType);
            Il.Emit(OpCodes.Ldarg_1);
            Il.Emit(OpCodes.Callvirt, CodecMethod(field.PropertyType, nameof(Codec<>.Read)));
        }

        Il.Emit(OpCodes.Call, unionCase.Maker);
    }

    private void LoadTag()
    {
        if (_shape.Tag is not { } tag)
        {
            Il.Emit(OpCodes.Ldc_I4_0);
            return;
        }

        if (tag.IsStatic) LoadObject(_shape.Type);
        else LoadValue(_shape.Type);
        Il.Emit(tag.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, tag);
    }

    // The receiver of a method call: the address of a struct, or the object as its case.
    private void LoadValue(Type declaring)
    {
        if (_shape.Type.IsValueType) Il.Emit(OpCodes.Ldarg_2);
        else LoadObject(declaring);
    }

    private void LoadObject(Type declaring)
    {
        Il.Emit(OpCodes.Ldarg_2);
        Il.Emit(OpCodes.Ldobj, _shape.Type);
        if (declaring != _shape.Type) Il.Emit(OpCodes.Castclass, declaring);
    }
}
