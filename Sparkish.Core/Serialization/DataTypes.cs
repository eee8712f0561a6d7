using System.Collections;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>
/// Types whose objects can be created without calling the application's code, for any input. They are values, strings, sequences, tables with keys of the
/// framework's plain types, and classes of fields, but not functions.
/// </summary>
internal static class DataTypes
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<Type> Sequences =
    [
        typeof(List<>), typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>), typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(KeyValuePair<,>),
        typeof(System.Collections.Immutable.ImmutableArray<>), typeof(System.Collections.Immutable.ImmutableList<>),
    ];

    private static readonly HashSet<Type> Tables =
    [
        typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedDictionary<,>), typeof(SortedSet<>), typeof(SortedList<,>), typeof(ReadOnlyDictionary<,>),
    ];

    private static readonly HashSet<Type> Plain =
    [
        typeof(object), typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Guid),
    ];

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, object> Known = [];

    public static bool Contains(Type type) => (bool)Known.GetValue(type, static type => Judge(type));

    /// <summary>Whether creating an object of a class runs a static constructor of the application: one without beforefieldinit.</summary>
    public static bool RunsInitializer(Type type)
    {
        for (var part = type; part is not null && !FrameworkAssemblies.Contains(part.Assembly); part = part.BaseType)
        {
            if (!part.Attributes.HasFlag(TypeAttributes.BeforeFieldInit) && part.TypeInitializer is not null) return true;
        }

        return false;
    }

    private static bool Judge(Type type)
    {
        if (IsPlain(type) || FrameworkSurrogates.Contains(type) || type.IsAssignableTo(typeof(Type))) return true;
        if (type.IsArray) return IsPart(type.GetElementType()!);
        if (type.IsAssignableTo(typeof(Delegate)) || type.IsPointer || type.IsByRefLike) return false;
        return FrameworkAssemblies.Contains(type.Assembly) ? IsOfFramework(type) : IsOfFields(type);
    }

    private static bool IsPlain(Type type) => type.IsPrimitive || type.IsEnum || Plain.Contains(type);

    private static bool IsOfFramework(Type type)
    {
        if (!type.IsConstructedGenericType) return type == typeof(ArrayList) || type == typeof(BitArray) || type.IsValueType;
        var definition = type.GetGenericTypeDefinition();
        var isTuple = type.IsAssignableTo(typeof(ITuple)) || definition == typeof(Nullable<>);
        if (Tables.Contains(definition) && !IsPlain(type.GenericTypeArguments[0])) return false;
        return (isTuple || Sequences.Contains(definition) || Tables.Contains(definition)) && Array.TrueForAll(type.GenericTypeArguments, IsPart);
    }

    // A class that derives from a collection is filled by the collection's own members.
    private static bool IsOfFields(Type type)
    {
        if (RunsInitializer(type) || CustomCodecs.TargetOf(type) is not null || FunctionalCollections.Is(type)) return false;
        if (FrameworkCollections.Find(type) is { } collection && !Contains(collection)) return false;
        for (var part = type; part is not null && !FrameworkAssemblies.Contains(part.Assembly); part = part.BaseType)
        {
            if (part.GetFields(Declared).Any(field => !IsPart(field.FieldType))) return false;
        }

        return true;
    }

    // A value stored inline is a part of it; references are checked when they are read.
    private static bool IsPart(Type type) => !type.IsValueType || Contains(Nullable.GetUnderlyingType(type) ?? type);
}
