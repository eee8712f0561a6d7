using System.Collections;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Serialization;

/// <summary>
/// Which types may be written and made: those of the application and of Sparkish, and a list of plain framework types. Whatever opens files,
/// starts processes or holds handles is on no list, so that bytes from the network cannot ask for it. The same rule holds on both sides.
/// </summary>
internal static class TypeAdmission
{
    private static readonly HashSet<Type> Plain =
    [
        typeof(object), typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Guid), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(Complex), typeof(Uri), typeof(Version), typeof(Index),
        typeof(Range), typeof(Rune), typeof(Random), typeof(StringBuilder), typeof(BitArray), typeof(Regex), typeof(System.Globalization.CultureInfo),
        typeof(ValueType), typeof(Enum), typeof(Attribute), typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(EventArgs), typeof(MarshalByRefObject),
    ];

    private static readonly HashSet<string> DelegateNames = new(StringComparer.Ordinal)
        { "Func", "Action", "Predicate", "Comparison", "Converter", "EventHandler", "Delegate", "MulticastDelegate" };

    private static readonly HashSet<Type> MethodTypes =
        [typeof(Math), typeof(MathF), typeof(Convert), typeof(BitConverter), typeof(BitOperations), typeof(Enumerable), typeof(Tuple), typeof(StringComparer)];

    // These remember hash codes of their keys, and those of strings differ from process to process; what derives from Dictionary or HashSet, too.
    private static readonly HashSet<Type> Hashed =
    [
        typeof(Dictionary<,>), typeof(HashSet<>), typeof(System.Collections.Concurrent.ConcurrentDictionary<,>), typeof(Hashtable),
        typeof(System.Collections.Immutable.ImmutableDictionary<,>), typeof(System.Collections.Immutable.ImmutableHashSet<>), typeof(OrderedDictionary<,>),
    ];

    /// <summary>Why objects of a type cannot be sent, without a full stop; null where they can.</summary>
    public static string? Refusal(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || type.IsByRef) return $"{type} is a pointer and cannot be sent";
        if (type.IsArray) return null;
        if (type.IsEnum) return null;
        if (type.IsValueType && !TypeLayout.HasReferences(type) && CodecFactory.HoldsPointers(type))
            return $"{type} holds a pointer and cannot be sent";
        if (type.Namespace is "System.Linq" && FrameworkAssemblies.Contains(type.Assembly))
            return $"{type} is a query that has not run and cannot be sent: call ToArray() on it";
        for (var part = type; part is not null; part = part.BaseType)
        {
            var definition = part.IsConstructedGenericType ? part.GetGenericTypeDefinition() : part;
            if (Hashed.Contains(definition) ? part != type || !IsRefilled(definition) : IsBuilder(definition))
            {
                return $"{type} keeps hash codes that mean nothing in another process and cannot be sent: use a Dictionary or HashSet";
            }

            if (FrameworkAssemblies.Contains(part.Assembly) && !IsPlain(part, definition)) return $"{type} cannot be sent";
        }

        return null;
    }

    /// <summary>Why delegates to methods of a type cannot be sent, without a full stop; null where they can.</summary>
    public static string? MethodRefusal(Type type)
    {
        if (!FrameworkAssemblies.Contains(type.Assembly) || MethodTypes.Contains(type)) return null;
        var reachesCode = type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(Type)) || type.IsAssignableTo(typeof(Exception));
        return reachesCode || Refusal(type) is not null ? $"delegates to methods of {type} cannot be sent: call them in a lambda of your program" : null;
    }

    private static bool IsBuilder(Type definition) =>
        definition.DeclaringType is { Namespace: "System.Collections.Immutable" } outer && Hashed.Contains(outer);

    private static bool IsRefilled(Type definition) => definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>);

    private static bool IsPlain(Type type, Type definition)
    {
        if (type.IsPrimitive || Plain.Contains(definition)) return true;
        if (type.IsAssignableTo(typeof(Delegate))) return type.Namespace is "System" && DelegateNames.Contains(type.Name.Split('`')[0]);
        if (type.IsAssignableTo(typeof(Exception))) return true;
        if (type.DeclaringType == typeof(Random)) return true;
        return type.Namespace switch
        {
            "System" => type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) || type.Name.StartsWith("Tuple`", StringComparison.Ordinal)
                || type.IsAssignableTo(typeof(StringComparer)),
            "System.Collections.Generic" or "System.Collections.ObjectModel" or "System.Collections.Immutable" => true,
            "System.Collections" => type == typeof(ArrayList) || type == typeof(Comparer),
            "System.Numerics" => type.IsValueType,
            _ => false,
        };
    }
}
