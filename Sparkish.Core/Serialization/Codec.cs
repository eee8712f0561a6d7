using System.Reflection;
using Sparkish.Serialization.Rows;

namespace Sparkish.Serialization;

/// <summary>Makes codecs.</summary>
public static class Codec
{
    private static readonly MethodInfo ForMethod = typeof(Codec).GetMethod(nameof(For))!;

    /// <summary>
    /// The codec of a type, built once: raw bytes for values without references, a fixed schema for records, classes, structs, tuples and the
    /// common collections, the codec that <see cref="CodecTypeAttribute"/> names, and a graph of objects for interfaces, abstract classes and
    /// all else. A class that is not sealed has a fixed schema, too; a value of a type that derives from it goes as a graph.
    /// </summary>
    /// <exception cref="SerializationException">The type holds pointers.</exception>
    public static Codec<T> For<T>() => Built<T>.Codec ??= CodecSource.Current.Make<T>();

    /// <summary>
    /// A number that stands for <see cref="Codec{T}.Schema"/> of a type's codec: the same in every process, another as soon as members are
    /// added, removed, reordered, renamed or of another type. Put it before what is stored, or use <see cref="RowWriter{T}"/>, which does.
    /// </summary>
    public static ulong FingerprintOf<T>() => SchemaText.Fingerprint(For<T>().Schema);

    /// <summary>The codec of a type that is only known at run time.</summary>
    internal static IDescribedCodec Of(Type type) =>
        (IDescribedCodec)ForMethod.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;

    private static class Built<T>
    {
        // Two threads may build the same codec; both are as good, so the last one stays.
        public static Codec<T>? Codec;
    }
}
