using System.Reflection;
using System.Reflection.Emit;

namespace Sparkish.Serialization;

/// <summary>
/// A record or struct field by field in the order of its constructor; a class has a byte before it that says whether it is null.
/// Reading and writing are small methods emitted at their first use: nothing is boxed, and a process pays only for the messages it uses.
/// </summary>
internal sealed class RecordCodec<T>(RecordShape shape) : Codec<T>
{
    private WriteMembers? _write;
    private ReadMembers? _read;

    private delegate void WriteMembers(ByteWriter writer, in T value);

    private delegate T ReadMembers(ref ByteReader reader);

    public override void Write(ByteWriter writer, in T value)
    {
        var write = _write ??= EmitWrite();
        if (typeof(T).IsValueType)
        {
            write(writer, value);
            return;
        }

        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        writer.WriteByte(1);
        writer.Enter();
        try
        {
            write(writer, value);
        }
        finally
        {
            writer.Leave();
        }
    }

    public override T Read(ref ByteReader reader)
    {
        var read = _read ??= EmitRead();
        if (!typeof(T).IsValueType && !Presence.Read(ref reader)) return default!;
        try
        {
            reader.Enter();
            var value = read(ref reader);
            reader.Leave();
            return value;
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"The input makes no {typeof(T)}: {e.Message}", e);
        }
    }

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        foreach (ref readonly var value in values) Write(writer, in value);
    }

    private WriteMembers EmitWrite()
    {
        var codecs = new List<object>();
        var method = new DynamicMethod($"Write{typeof(T).Name}", typeof(void),
            [typeof(object[]), typeof(ByteWriter), typeof(T).MakeByRefType()], typeof(RecordCodec<T>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        foreach (var member in shape.Parameters.Concat(shape.Settable))
        {
            RecordEmitter.For(member.Type).Write(il, codecs, () =>
            {
                il.Emit(OpCodes.Ldarg_2);
                if (!typeof(T).IsValueType) il.Emit(OpCodes.Ldind_Ref);
                if (member.Source is FieldInfo field) il.Emit(OpCodes.Ldfld, field);
                else il.Emit(OpCodes.Call, ((PropertyInfo)member.Source).GetMethod!);
            });
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<WriteMembers>(codecs.ToArray());
    }

    private ReadMembers EmitRead()
    {
        var codecs = new List<object>();
        var method = new DynamicMethod($"Read{typeof(T).Name}", typeof(T),
            [typeof(object[]), typeof(ByteReader).MakeByRefType()], typeof(RecordCodec<T>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var made = il.DeclareLocal(typeof(T));
        foreach (var member in shape.Parameters) RecordEmitter.For(member.Type).Read(il, codecs);
        if (shape.Constructor is not null)
        {
            il.Emit(OpCodes.Newobj, shape.Constructor);
            il.Emit(OpCodes.Stloc, made);
        }

        foreach (var member in shape.Settable)
        {
            il.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, made);
            RecordEmitter.For(member.Type).Read(il, codecs);
            if (member.Source is FieldInfo field) il.Emit(OpCodes.Stfld, field);
            else il.Emit(OpCodes.Call, ((PropertyInfo)member.Source).SetMethod!);
        }

        il.Emit(OpCodes.Ldloc, made);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<ReadMembers>(codecs.ToArray());
    }
}

/// <summary>Emits the writing and reading of one member: straight calls for raw values and strings, else a call of the member's codec.</summary>
internal abstract class RecordEmitter
{
    public static RecordEmitter For(Type type) => (RecordEmitter)Activator.CreateInstance(typeof(RecordEmitter<>).MakeGenericType(type))!;

    public abstract void Write(ILGenerator il, List<object> codecs, Action loadValue);

    public abstract void Read(ILGenerator il, List<object> codecs);
}

internal sealed class RecordEmitter<T> : RecordEmitter
{
    private static Codec<T> Codec => Serialization.Codec.For<T>();

    private static bool IsRaw => Codec.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(UnmanagedCodec<>);

    public override void Write(ILGenerator il, List<object> codecs, Action loadValue)
    {
        if (IsRaw || typeof(T) == typeof(string))
        {
            il.Emit(OpCodes.Ldarg_1);
            loadValue();
            il.Emit(OpCodes.Call, IsRaw
                ? typeof(ByteWriter).GetMethod(nameof(ByteWriter.WriteUnmanaged))!.MakeGenericMethod(typeof(T))
                : typeof(ByteWriter).GetMethod(nameof(ByteWriter.WriteString))!);
            return;
        }

        var value = il.DeclareLocal(typeof(T));
        loadValue();
        il.Emit(OpCodes.Stloc, value);
        LoadCodec(il, codecs);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldloca, value);
        il.Emit(OpCodes.Callvirt, typeof(Codec<T>).GetMethod(nameof(Codec<>.Write))!);
    }

    public override void Read(ILGenerator il, List<object> codecs)
    {
        var method = typeof(T) == typeof(string) ? typeof(ByteReader).GetMethod(nameof(ByteReader.ReadString))!
            : IsRaw ? typeof(ByteReader).GetMethod(nameof(ByteReader.ReadUnmanaged))!.MakeGenericMethod(typeof(T))
            : typeof(Codec<T>).GetMethod(nameof(Codec<>.Read))!;
        if (method.DeclaringType == typeof(Codec<T>)) LoadCodec(il, codecs);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(method.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, method);
    }

    private static void LoadCodec(ILGenerator il, List<object> codecs)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, codecs.Count);
        il.Emit(OpCodes.Ldelem_Ref);
        codecs.Add(Codec);
    }
}
