using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Serialization.Graphs.Plans;

/// <summary>
/// Delegates: the method and the target. A method of an application is its token in a module of a certain version; a framework's method is identified by name,
/// as framework versions may differ slightly between nodes.
/// </summary>
internal sealed class DelegatePlan(Type type) : ObjectPlan(type)
{
    private enum TargetKind : byte
    {
        None = 0,
        Object = 1,

        /// <summary>The compiler's singleton for lambdas without captures.</summary>
        Singleton = 2,

        /// <summary>Several delegates in a row.</summary>
        Multicast = 3,
    }

    public override bool IsLate => true;

    public override object? Prerequisite(object value)
    {
        var function = (Delegate)value;
        return function.HasSingleTarget && function.Target is { } target && !CompilerTypes.IsSingleton(target.GetType()) ? target : null;
    }

    public override void Write(ObjectWriter writer, object value)
    {
        var function = (Delegate)value;
        if (!function.HasSingleTarget)
        {
            writer.Output.WriteByte((byte)TargetKind.Multicast);
            var parts = function.GetInvocationList();
            writer.Output.WriteCount(parts.Length);
            foreach (var part in parts) writer.Write(part);
            return;
        }

        var target = function.Target;
        var kind = target is null ? TargetKind.None : CompilerTypes.IsSingleton(target.GetType()) ? TargetKind.Singleton : TargetKind.Object;
        writer.Output.WriteByte((byte)kind);
        MethodCodec.Write(writer, function.Method);
        if (kind == TargetKind.Object) writer.Write(target);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        reader.CountFunction();
        var kind = (TargetKind)input.ReadByte();
        if (kind == TargetKind.Multicast) return ReadMany(reader, ref input);
        if (kind > TargetKind.Multicast) throw new SerializationException($"Unknown kind {(byte)kind} of a delegate's target.");
        var method = MethodCodec.Read(reader, ref input);
        var target = kind switch
        {
            TargetKind.Object => reader.Read(ref input) ?? throw new SerializationException($"The target of {method} is null."),
            TargetKind.Singleton => CompilerTypes.SingletonOf(method.DeclaringType!)
                ?? throw new SerializationException($"{method.DeclaringType} is not a class of lambdas."),
            _ => null,
        };
        return FunctionParts.Make(Type, target, method)
            ?? throw new SerializationException($"{method} of {method.DeclaringType} does not fit the delegate type {Type}.");
    }

    private Delegate ReadMany(ObjectReader reader, ref ByteReader input)
    {
        var parts = new Delegate[input.ReadCount(minBytesEach: 2)];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = reader.Read(ref input) as Delegate ?? throw new SerializationException("A part of a multicast delegate is not a delegate.");
            if (parts[i].GetType() != Type) throw new SerializationException($"A part of a {Type} is a {parts[i].GetType()}.");
        }

        return Delegate.Combine(parts) ?? throw new SerializationException("A multicast delegate has no parts.");
    }
}
