#pragma warning disable MA0048 // the emitter creates these delegates
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Fields;

internal delegate void WriteFields(ObjectWriter writer, object value);

internal delegate void ReadFields(ObjectReader reader, ref ByteReader input, object value);

internal delegate void WriteFields<T>(ObjectWriter writer, in T value);

internal delegate void ReadFields<T>(ObjectReader reader, ref ByteReader input, ref T value);

/// <summary>Emits methods that write and read the fields of one type, including private and read-only ones, without boxing or look-ups.</summary>
/// <remarks>
/// For <c>class Order { int _count; Customer _customer; Point _at; }</c>, with a struct <c>Point</c>, the methods are
/// <code>
/// static void WriteOrder(FieldSlot[] slots, ObjectWriter writer, object value)
/// {
///     writer.Output.WriteUnmanaged&lt;int&gt;(((Order)value)._count);
///     writer.WriteField("_customer", ((Order)value)._customer);
///     SlotAccess.WriteField&lt;Point&gt;(slots[2], writer, in ((Order)value)._at);
/// }
///
/// static void ReadOrder(FieldSlot[] slots, ObjectReader reader, ref ByteReader input, object value)
/// {
///     ((Order)value)._count = input.ReadUnmanaged&lt;int&gt;();
///     var customer = reader.Read(ref input);
///     ((Order)value)._customer = customer as Customer ?? (Customer)slots[1].Fit(customer);
///     SlotAccess.ReadField&lt;Point&gt;(slots[2], reader, ref input, ref ((Order)value)._at);
/// }
/// </code>
/// where the casts are <see cref="Unsafe.As{T}(object)"/>, as the caller knows the type. The methods for structs take the value by reference.
/// </remarks>
internal sealed class FieldsEmitter(TypeShape shape)
{
    private static readonly MethodInfo OutputOfWriter = typeof(ObjectWriter).GetProperty(nameof(ObjectWriter.Output))!.GetMethod!;

    public WriteFields Write() => EmitWrite(typeof(object)).CreateDelegate<WriteFields>(shape.Slots);

    public ReadFields Read() => EmitRead(typeof(object)).CreateDelegate<ReadFields>(shape.Slots);

    public WriteFields<T> Write<T>() => EmitWrite(typeof(T).MakeByRefType()).CreateDelegate<WriteFields<T>>(shape.Slots);

    public ReadFields<T> Read<T>() => EmitRead(typeof(T).MakeByRefType()).CreateDelegate<ReadFields<T>>(shape.Slots);

    private DynamicMethod EmitWrite(Type parameter)
    {
        var method = new DynamicMethod(
            $"Write{shape.Type.Name}", typeof(void), [typeof(FieldSlot[]), typeof(ObjectWriter), parameter], shape.Type.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        for (var i = 0; i < shape.Slots.Length; i++)
        {
            var field = shape.Slots[i].Field;
            if (shape.Slots[i].Kind == SlotKind.Reference)
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldstr, field.Name);
                LoadTarget(il, OpCodes.Ldarg_2, parameter);
                il.Emit(OpCodes.Ldfld, field);
                if (field.FieldType.IsValueType) il.Emit(OpCodes.Box, field.FieldType);
                il.Emit(OpCodes.Call, typeof(ObjectWriter).GetMethod(nameof(ObjectWriter.WriteField))!);
            }
            else if (IsRaw(field.FieldType))
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, OutputOfWriter);
                LoadTarget(il, OpCodes.Ldarg_2, parameter);
                il.Emit(OpCodes.Ldfld, field);
                il.Emit(OpCodes.Call, typeof(ByteWriter).GetMethod(nameof(ByteWriter.WriteUnmanaged))!.MakeGenericMethod(field.FieldType));
            }
            else
            {
                LoadSlot(il, i);
                il.Emit(OpCodes.Ldarg_1);
                LoadTarget(il, OpCodes.Ldarg_2, parameter);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Call, typeof(SlotAccess).GetMethod(nameof(SlotAccess.WriteField))!.MakeGenericMethod(field.FieldType));
            }
        }

        il.Emit(OpCodes.Ret);
        return method;
    }

    private DynamicMethod EmitRead(Type parameter)
    {
        var method = new DynamicMethod($"Read{shape.Type.Name}", typeof(void),
            [typeof(FieldSlot[]), typeof(ObjectReader), typeof(ByteReader).MakeByRefType(), parameter], shape.Type.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        for (var i = 0; i < shape.Slots.Length; i++)
        {
            var (slot, field) = (shape.Slots[i], shape.Slots[i].Field);
            if (slot.Kind == SlotKind.Reference)
            {
                LoadTarget(il, OpCodes.Ldarg_3, parameter);
                EmitReadReference(il, i, field.FieldType);
                il.Emit(OpCodes.Stfld, field);
            }
            else if (IsRaw(field.FieldType))
            {
                LoadTarget(il, OpCodes.Ldarg_3, parameter);
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Call, typeof(ByteReader).GetMethod(nameof(ByteReader.ReadUnmanaged))!.MakeGenericMethod(field.FieldType));
                il.Emit(OpCodes.Stfld, field);
            }
            else
            {
                LoadSlot(il, i);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldarg_2);
                LoadTarget(il, OpCodes.Ldarg_3, parameter);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Call, typeof(SlotAccess).GetMethod(nameof(SlotAccess.ReadField))!.MakeGenericMethod(field.FieldType));
            }
        }

        il.Emit(OpCodes.Ret);
        return method;
    }

    // The value must be of the field's type: the input is untrusted.
    private static void EmitReadReference(ILGenerator il, int index, Type type)
    {
        if (type.IsValueType)
        {
            LoadSlot(il, index);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Call, typeof(SlotAccess).GetMethod(nameof(SlotAccess.ReadFitting))!.MakeGenericMethod(type));
            return;
        }

        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, typeof(ObjectReader).GetMethod(nameof(ObjectReader.Read))!);
        if (type == typeof(object)) return;
        var (value, fits) = (il.DeclareLocal(typeof(object)), il.DefineLabel());
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Isinst, type);
        il.Emit(OpCodes.Dup);
        il.Emit(OpCodes.Brtrue, fits);
        il.Emit(OpCodes.Pop);
        LoadSlot(il, index);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Call, typeof(FieldSlot).GetMethod(nameof(FieldSlot.Fit))!);
        il.MarkLabel(fits);
    }

    // Numbers are encoded as in memory, and every pattern is valid.
    private static bool IsRaw(Type type) => type.IsPrimitive && type != typeof(bool) && type != typeof(nint) && type != typeof(nuint);

    private static void LoadSlot(ILGenerator il, int index)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
    }

    private void LoadTarget(ILGenerator il, OpCode argument, Type parameter)
    {
        il.Emit(argument);
        if (parameter.IsByRef) return;
        il.Emit(OpCodes.Call, typeof(Unsafe).GetMethod(nameof(Unsafe.As), 1, [typeof(object)])!.MakeGenericMethod(shape.Type));
    }
}
