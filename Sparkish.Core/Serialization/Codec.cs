using System.Reflection;
using Sparkish.Serialization.Rows;

namespace Sparkish.Serialization;

/// <summary>Creates codecs.</summary>
public static class Codec
{
    private static readonly MethodInfo ForMethod = typeof(Codec).GetMethod(nameof(For))!;

    /// <summary>
    /// Returns the codec of a type, which is built once. Values without references are raw bytes. Records, classes, structs, tuples and the common collections
    /// have a fixed schema. <see cref="CodecTypeAttribute"/> names another codec. Interfaces, abstract classes and everything else are graphs of objects. A
    /// class that is not sealed has a fixed schema, too; a value of a derived type is written as a graph.
    /// </summary>
    /// <exception cref="SerializationException">The type contains pointers.</exception>
    public static Codec<T> For<T>() => Built<T>.Codec ??= CodecSource.Current.Make<T>();

    /// <summary>
    /// Returns a fingerprint of the <see cref="Codec{T}.Schema"/> of a type's codec. It is equal in every process, and changes when members are added, removed,
    /// reordered, renamed or retyped. Store it before your data, or use <see cref="RowWriter{T}"/>, which does.
    /// </summary>
    public static ulong FingerprintOf<T>() => SchemaText.Fingerprint(For<T>().Schema);

    /// <summary>Returns the codec of a type that is only known at run time.</summary>
    internal static IDescribedCodec Of(Type type) =>
        (IDescribedCodec)ForMethod.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;

    private static class Built<T>
    {
        // Two threads may build the same codec; both are equivalent, so the last one is kept.
        public static Codec<T>? Codec;
    }
}
