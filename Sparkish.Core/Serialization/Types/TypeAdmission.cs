using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sparkish.Serialization.Types;

/// <summary>
/// The rule that admits types for writing and reading: those of the application and of Sparkish, and a list of plain framework types, extended or restricted by
/// the configuration. Types that open files, start processes or own handles are on no list, so that bytes from the network cannot request them. The same rule
/// holds on both sides. Immutable and thread-safe.
/// </summary>
public sealed class TypeAdmission
{
    private static readonly HashSet<Type> Plain =
    [
        typeof(object), typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Guid), typeof(Half), typeof(Int128), typeof(UInt128), typeof(Complex),
            typeof(Index), typeof(Range), typeof(Rune), typeof(Random), typeof(BitArray),
        typeof(ValueType), typeof(Enum), typeof(Attribute), typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(EventArgs), typeof(MarshalByRefObject),
        typeof(Array), typeof(ArrayList), typeof(Comparer), typeof(ReferenceEqualityComparer),
    ];

    private static readonly HashSet<string> DelegateNames = new(StringComparer.Ordinal)
        { "Func", "Action", "Predicate", "Comparison", "Converter", "EventHandler", "Delegate", "MulticastDelegate" };

    private static readonly HashSet<Type> MethodTypes =
        [typeof(Math), typeof(MathF), typeof(Convert), typeof(BitConverter), typeof(BitOperations), typeof(Enumerable), typeof(Tuple), typeof(StringComparer)];

    private readonly TypeList _allowed;
    private readonly TypeList _denied;
    private readonly ConditionalWeakTable<Type, Verdict> _verdicts = [];

    private TypeAdmission(string allowed, string denied)
    {
        _allowed = new TypeList(SerializationKeys.AllowedTypes.Key, allowed);
        _denied = new TypeList(SerializationKeys.DeniedTypes.Key, denied);
    }

    /// <summary>The rule without configuration.</summary>
    public static TypeAdmission Default { get; } = new("", "");

    /// <summary>The rule that <c>spark.serializer.allowedTypes</c> and <c>spark.serializer.deniedTypes</c> set.</summary>
    /// <exception cref="SparkException">An entry is neither the name of a type nor a namespace that ends in <c>.*</c>.</exception>
    public static TypeAdmission From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        var (allowed, denied) = (conf.Get(SerializationKeys.AllowedTypes), conf.Get(SerializationKeys.DeniedTypes));
        var admission = new TypeAdmission(allowed, denied);
        return admission._allowed.IsEmpty && admission._denied.IsEmpty ? Default : admission;
    }

    /// <summary>The reason why objects of a type cannot be sent, without a full stop; null if they can.</summary>
    internal string? Refusal(Type type) => (_verdicts.TryGetValue(type, out var known) ? known : JudgeOnce(type)).Refusal;

    /// <summary>The same if surrogates replace some types. Collections of those may be created although their objects are never sent directly.</summary>
    internal string? Refusal(Type type, Func<Type, bool> hasSurrogate) => Refusal(type) is null ? null : Judge(type, hasSurrogate);

    /// <summary>Whether a type is refused for a type argument and not for itself, so that the path can name the argument.</summary>
    internal bool IsContainer(Type type) => Denial(type) is null && (type.IsArray || (type.IsConstructedGenericType && JudgeBases(type) is null));

    /// <summary>The reason why a type cannot be sent as a value, without a full stop: its receiver could create objects of all types that it names.</summary>
    internal string? ValueRefusal(Type type)
    {
        if (Refusal(type) is { } reason) return reason;
        if (type.HasElementType) return ValueRefusal(type.GetElementType()!);
        return type.IsConstructedGenericType ? Array.ConvertAll(type.GenericTypeArguments, ValueRefusal).FirstOrDefault(part => part is not null) : null;
    }

    /// <summary>The reason why the configuration forbids a type, without a full stop; null if it does not.</summary>
    internal string? Denial(Type type)
    {
        if (_denied.IsEmpty) return null;
        for (var part = type; part is not null; part = part.BaseType)
        {
            if (_denied.Contains(part)) return $"{type} is denied by {SerializationKeys.DeniedTypes.Key}";
        }

        if (type.HasElementType) return Denial(type.GetElementType()!);
        return type.IsConstructedGenericType ? Array.ConvertAll(type.GenericTypeArguments, Denial).FirstOrDefault(part => part is not null) : null;
    }

    /// <summary>
    /// The reason why delegates to methods of a type cannot be sent, without a full stop; null if they can. Types that only the configuration allows may be
    /// sent as objects, not as targets of delegates: code of the application calls their methods.
    /// </summary>
    internal string? MethodRefusal(Type type)
    {
        if (Denial(type) is { } denied) return denied;
        if (!FrameworkAssemblies.Contains(type.Assembly) || MethodTypes.Contains(type)) return null;
        var reachesCode = type.IsInterface || type.IsAssignableTo(typeof(Delegate))
            || type.IsAssignableTo(typeof(Type)) || type.IsAssignableTo(typeof(Exception));
        return reachesCode || Default.Refusal(type) is not null
            ? $"delegates to methods of {type} cannot be sent: call them in a lambda of your program"
            : null;
    }

    private Verdict JudgeOnce(Type type) => _verdicts.GetValue(type, part => new Verdict(Judge(part, null)));

    private string? Judge(Type type, Func<Type, bool>? hasSurrogate)
    {
        if (type.IsPointer || type.IsFunctionPointer || type.IsByRef) return $"{type} is a pointer and cannot be sent";
        if (Denial(type) is { } denied) return denied;
        if (type.IsArray) return JudgePart(type.GetElementType()!, hasSurrogate);

        // An interface has no objects of its own, and its implementations are checked when they are read.
        if (type.IsEnum || type.IsInterface || type.IsAssignableTo(typeof(Type))) return null;
        if (type.IsValueType && !TypeLayout.HasReferences(type) && TypeLayout.HoldsPointers(type)) return $"{type} holds a pointer and cannot be sent";
        var isOfFramework = FrameworkAssemblies.Contains(type.Assembly);
        if (isOfFramework && type.Namespace is "System.Linq") return $"{type} is a query that has not run and cannot be sent: call ToArray() on it";
        return JudgeBases(type) ?? (isOfFramework ? JudgeArguments(type, hasSurrogate) : null);
    }

    private string? JudgeBases(Type type)
    {
        for (var part = type; part is not null; part = part.BaseType)
        {
            var definition = part.IsConstructedGenericType ? part.GetGenericTypeDefinition() : part;
            if (FrameworkAssemblies.Contains(part.Assembly) && !IsPlain(part, definition) && !_allowed.Contains(part)) return $"{type} cannot be sent";
        }

        return null;
    }

    // The arguments of a collection are its content. Those of a delegate are only its signature, and the use of those of an application's type is unknown: an
    // operation from paths to streams contains no stream.
    private string? JudgeArguments(Type type, Func<Type, bool>? hasSurrogate) => type.IsConstructedGenericType && !type.IsAssignableTo(typeof(Delegate))
        ? Array.ConvertAll(type.GenericTypeArguments, part => JudgePart(part, hasSurrogate)).FirstOrDefault(part => part is not null)
        : null;

    private string? JudgePart(Type type, Func<Type, bool>? hasSurrogate) =>
        hasSurrogate is null ? Refusal(type) : hasSurrogate(type) ? Denial(type) : Judge(type, hasSurrogate);

    private static bool IsPlain(Type type, Type definition)
    {
        if (type.IsPrimitive || Plain.Contains(definition) || FrameworkSurrogates.Contains(type) || FrameworkCollections.IsPlanned(type)) return true;
        if (type.IsAssignableTo(typeof(Delegate))) return type.Namespace is "System" && DelegateNames.Contains(type.Name.Split('`')[0]);
        if (type.IsAssignableTo(typeof(Exception))) return true;
        if (type.DeclaringType == typeof(Random)) return true;
        return type.Namespace switch
        {
            "System" => type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) || type.Name.StartsWith("Tuple`", StringComparison.Ordinal)
                || type.Name is "ValueTuple" || type.IsAssignableTo(typeof(StringComparer)),
            // A comparer without a plan has no state, or only that of another comparer.
            "System.Collections.Generic" => type.Name.Split('`')[0].EndsWith("Comparer", StringComparison.Ordinal),
            "System.Numerics" => type.IsValueType,
            _ => false,
        };
    }

    private sealed record Verdict(string? Refusal);
}
