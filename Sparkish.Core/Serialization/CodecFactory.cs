using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Chooses the codec of a type.</summary>
internal static class CodecFactory
{
    private const BindingFlags Unwrapped = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions;

    private static readonly Dictionary<Type, object> Fixed = new()
    {
        [typeof(bool)] = new CheckedCodec<bool>(static value => Unsafe.BitCast<bool, byte>(value) <= 1),
        [typeof(decimal)] = new CheckedCodec<decimal>(IsDecimal),
        [typeof(DateTime)] = new CheckedCodec<DateTime>(static value => (ulong)value.Ticks <= (ulong)DateTime.MaxValue.Ticks),
        [typeof(string)] = new StringCodec(),
        [typeof(Uri)] = new SurrogateCodec<Uri, string>(static uri => uri.OriginalString, static text => new Uri(text, UriKind.RelativeOrAbsolute)),
        [typeof(Version)] = new SurrogateCodec<Version, string>(static version => version.ToString(), Version.Parse),
        [typeof(BigInteger)] = new SurrogateCodec<BigInteger, byte[]>(static value => value.ToByteArray(), static bytes => new BigInteger(bytes)),
    };

    private static readonly Dictionary<Type, Type> Collections = new()
    {
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,>),
    };

    private static readonly HashSet<Type> Sequences =
        [typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IList<>)];

    private static readonly HashSet<Type> Maps = [typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)];

    public static Codec<T> Make<T>()
    {
        var type = typeof(T);
        if (Fixed.TryGetValue(type, out var known)) return (Codec<T>)known;
        if (CustomCodec<T>() is { } custom) return custom;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return New<T>(typeof(NullableCodec<>), underlying);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            return HoldsPointers(type)
                ? throw new SerializationException($"{type} holds a pointer, which means nothing in another process.")
                : New<T>(typeof(UnmanagedCodec<>), type);
        }

        if (type.IsSZArray) return New<T>(typeof(ArrayCodec<>), type.GetElementType()!);
        if (type.IsConstructedGenericType && OfCollection<T>(type.GetGenericTypeDefinition(), type.GetGenericArguments()) is { } codec) return codec;
        return RecordShape.TryMake(type) is { } shape ? new RecordCodec<T>(shape) : new GraphCodec<T>();
    }

    /// <summary>Whether a value without references has a pointer or native handle in it.</summary>
    internal static bool HoldsPointers(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)) return true;
        if (type.IsPrimitive || type.IsEnum || !type.IsValueType) return false;
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        return Array.Exists(fields, field => HoldsPointers(field.FieldType));
    }

    private static Codec<T>? OfCollection<T>(Type definition, Type[] arguments)
    {
        if (Collections.TryGetValue(definition, out var codec)) return New<T>(codec, arguments);
        if (Sequences.Contains(definition)) return New<T>(typeof(SequenceCodec<,>), [typeof(T), .. arguments]);
        return Maps.Contains(definition) ? New<T>(typeof(MapCodec<,,>), [typeof(T), .. arguments]) : null;
    }

    /// <summary>The type that the named codec of a type is written for: the type itself, a base or an interface; null where none is named.</summary>
    internal static Type? CustomTarget(Type type)
    {
        if (TypeAttributes.Find<CodecTypeAttribute>(type) is not { } attribute) return null;
        for (var part = attribute.Codec; part is not null; part = part.BaseType)
        {
            if (!part.IsConstructedGenericType || part.GetGenericTypeDefinition() != typeof(Codec<>)) continue;
            var target = part.GenericTypeArguments[0];
            if (target.IsAssignableFrom(type)) return target;
        }

        throw new SerializationException($"{attribute.Codec} is named as the codec of {type} but is no Codec<{type.Name}>.");
    }

    private static Codec<T>? CustomCodec<T>()
    {
        if (CustomTarget(typeof(T)) is not { } target) return null;
        var codec = Activator.CreateInstance(TypeAttributes.Find<CodecTypeAttribute>(typeof(T))!.Codec, Unwrapped, null, [], null)!;
        return codec as Codec<T> ?? New<T>(typeof(NarrowedCodec<,>), [target, typeof(T)], codec);
    }

    private static Codec<T> New<T>(Type definition, params Type[] arguments) => New<T>(definition, arguments, []);

    private static Codec<T> New<T>(Type definition, Type[] arguments, params object[] parameters) =>
        (Codec<T>)Activator.CreateInstance(definition.MakeGenericType(arguments), Unwrapped, null, parameters, null)!;

    private static bool IsDecimal(decimal value)
    {
        const int Unused = 0x7F00FFFF;
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        return (bits[3] & Unused) == 0 && ((bits[3] >> 16) & 0xFF) <= 28;
    }
}
