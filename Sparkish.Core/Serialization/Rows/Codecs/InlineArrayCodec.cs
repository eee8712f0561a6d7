using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Inline arrays of elements with references: all elements, whose number is known from the type.</summary>
internal sealed class InlineArrayCodec<T, TElement> : BuiltInCodec<T> where T : struct
{
    private static readonly int Length = typeof(T).GetCustomAttribute<InlineArrayAttribute>()!.Length;

    private readonly Codec<TElement> _element = Codec.For<TElement>();

    internal override int MinBytes => checked(Length * _element.MinBytes);

    public override void Write(ByteWriter writer, in T value) =>
        Elements.WriteAll(writer, _element, MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<T, TElement>(ref Unsafe.AsRef(in value)), Length));

    public override T Read(ref ByteReader reader)
    {
        T value = default;
        Elements.ReadAll(ref reader, _element, MemoryMarshal.CreateSpan(ref Unsafe.As<T, TElement>(ref value), Length));
        return value;
    }

    internal override void Describe(SchemaText text) => text.Append("[").Append(_element).Append($"; {Length}]");
}
