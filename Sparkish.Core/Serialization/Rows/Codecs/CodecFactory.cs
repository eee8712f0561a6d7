using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Chooses the codec of a type.</summary>
internal sealed class CodecFactory : CodecSource
{
    private const BindingFlags Unwrapped = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions;

    private static readonly Dictionary<Type, object> Fixed = new()
    {
        [typeof(bool)] = new CheckedCodec<bool>(FixedChecks.Bool),
        [typeof(decimal)] = new CheckedCodec<decimal>(FixedChecks.Decimal),
        [typeof(DateTime)] = new CheckedCodec<DateTime>(FixedChecks.DateTime),
        [typeof(DateOnly)] = new CheckedCodec<DateOnly>(FixedChecks.DateOnly),
        [typeof(TimeOnly)] = new CheckedCodec<TimeOnly>(FixedChecks.TimeOnly),
        [typeof(Rune)] = new CheckedCodec<Rune>(FixedChecks.Rune),
        [typeof(DateTimeOffset)] = new DateTimeOffsetCodec(),
        [typeof(string)] = new StringCodec(),
    };

    private static readonly Dictionary<Type, Type> Collections = new()
    {
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<>),
        [typeof(ArraySegment<>)] = typeof(ArraySegmentCodec<>),
        [typeof(Memory<>)] = typeof(MemoryCodec<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryCodec<>),
    };

    private static readonly Dictionary<Type, (Type Kinds, string Name)> Copied = new()
    {
        [typeof(HashSet<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.HashSet)),
        [typeof(FrozenSet<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.FrozenSet)),
        [typeof(ImmutableHashSet<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.ImmutableHashSet)),
        [typeof(SortedSet<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.SortedSet)),
        [typeof(ImmutableSortedSet<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.ImmutableSortedSet)),
        [typeof(Queue<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.Queue)),
        [typeof(Stack<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.Stack)),
        [typeof(LinkedList<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.LinkedList)),
        [typeof(ImmutableList<>)] = (typeof(CopiedKinds<>), nameof(CopiedKinds<>.ImmutableList)),
        [typeof(FrozenDictionary<,>)] = (typeof(CopiedMaps<,>), nameof(CopiedMaps<,>.FrozenDictionary)),
        [typeof(ImmutableDictionary<,>)] = (typeof(CopiedMaps<,>), nameof(CopiedMaps<,>.ImmutableDictionary)),
        [typeof(SortedDictionary<,>)] = (typeof(CopiedMaps<,>), nameof(CopiedMaps<,>.SortedDictionary)),
        [typeof(SortedList<,>)] = (typeof(CopiedMaps<,>), nameof(CopiedMaps<,>.SortedList)),
        [typeof(ImmutableSortedDictionary<,>)] = (typeof(CopiedMaps<,>), nameof(CopiedMaps<,>.ImmutableSortedDictionary)),
    };

    private static readonly Dictionary<Type, Type> Interfaces = new()
    {
        [typeof(IEnumerable<>)] = typeof(SequenceCodec<,>),
        [typeof(IReadOnlyCollection<>)] = typeof(SequenceCodec<,>),
        [typeof(IReadOnlyList<>)] = typeof(SequenceCodec<,>),
        [typeof(ICollection<>)] = typeof(SequenceCodec<,>),
        [typeof(IList<>)] = typeof(SequenceCodec<,>),
        [typeof(ISet<>)] = typeof(SetCodec<,>),
        [typeof(IReadOnlySet<>)] = typeof(SetCodec<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(MapCodec<,,>),
        [typeof(IDictionary<,>)] = typeof(MapCodec<,,>),
    };

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The ModuleInitializer attribute should not be used in libraries", Justification = "Nothing runs but one assignment.")]
    internal static void Install() => Use(new CodecFactory());

    public override Codec<T> Make<T>()
    {
        var type = typeof(T);
        if (Fixed.TryGetValue(type, out var known)) return (Codec<T>)known;
        if (FrameworkSurrogates.Of(type) is { } surrogate) return New<T>(typeof(SurrogateCodec<,>), surrogate.GetType().GenericTypeArguments, surrogate);
        if (CustomCodec<T>() is { } custom) return custom;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return New<T>(typeof(NullableCodec<>), underlying);
        if (FunctionalKinds.Of(type) is { } kind) return New<T>(typeof(CopiedCodec<,>), kind.GetType().GenericTypeArguments, kind);
        if (UnionShape.Of(type) is { } union) return new UnionCodec<T>(union);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>()) return MakeFixed<T>();
        if (type.IsDefined(typeof(InlineArrayAttribute)))
            return New<T>(typeof(InlineArrayCodec<,>), type, type.GetFields(Unwrapped)[0].FieldType);
        if (type.IsSZArray) return New<T>(typeof(ArrayCodec<>), type.GetElementType()!);
        if (type.IsArray && type.GetArrayRank() > 1) return New<T>(typeof(RankCodec<,>), type, type.GetElementType()!);
        if (type.IsConstructedGenericType && OfCollection<T>(type.GetGenericTypeDefinition(), type.GetGenericArguments()) is { } codec) return codec;
        return RecordShape.TryMake(type) is { } shape ? new RecordCodec<T>(shape) : new GraphCodec<T>();
    }

    public override bool IsKnown(Type type) =>
        Fixed.ContainsKey(type) || FrameworkSurrogates.Contains(type) || (type.IsConstructedGenericType && type.GetGenericTypeDefinition() is var definition
            && (Collections.ContainsKey(definition) || Copied.ContainsKey(definition) || Interfaces.ContainsKey(definition)));

    private static Codec<T> MakeFixed<T>()
    {
        var type = typeof(T);
        if (TypeLayout.HoldsPointers(type)) throw new SerializationException($"{type} holds a pointer, which means nothing in another process.");
        if (RebuiltState.Refusal(type) is { } lost) throw new SerializationException($"{lost}.");
        if (type.IsDefined(typeof(ExtensibleAttribute)) && RecordShape.TryMake(type) is { } shape) return new RecordCodec<T>(shape);
        return FixedTypes.IsBlock(type) ? New<T>(typeof(UnmanagedCodec<>), type) : new RecordCodec<T>(RecordShape.ForFixed(type));
    }

    private static Codec<T>? OfCollection<T>(Type definition, Type[] arguments)
    {
        if (Collections.TryGetValue(definition, out var codec)) return New<T>(codec, arguments);
        if (Interfaces.TryGetValue(definition, out codec)) return New<T>(codec, [typeof(T), .. arguments]);
        if (!Copied.TryGetValue(definition, out var kinds)) return null;
        var kind = kinds.Kinds.MakeGenericType(arguments).GetMethod(kinds.Name)!.Invoke(null, null)!;
        return New<T>(typeof(CopiedCodec<,>), kind.GetType().GenericTypeArguments, kind);
    }

    private static Codec<T>? CustomCodec<T>()
    {
        if (CustomCodecs.TargetOf(typeof(T)) is not { } target) return null;
        var codec = Activator.CreateInstance(InheritedAttributes.Find<CodecTypeAttribute>(typeof(T))!.Codec, Unwrapped, null, [], null)!;
        return codec as Codec<T> ?? New<T>(typeof(NarrowedCodec<,>), [target, typeof(T)], codec);
    }

    private static Codec<T> New<T>(Type definition, params Type[] arguments) => New<T>(definition, arguments, []);

    private static Codec<T> New<T>(Type definition, Type[] arguments, params object[] parameters) =>
        (Codec<T>)Activator.CreateInstance(definition.MakeGenericType(arguments), Unwrapped, null, parameters, null)!;
}
