using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Lists, without a copy in between.</summary>
internal sealed class ListPlan<T>(Type type) : CollectionPlan<List<T>>(type)
{
    private readonly ElementRun<T> _elements = new();

    protected override void WriteParts(ObjectWriter writer, List<T> collection)
    {
        var elements = CollectionsMarshal.AsSpan(collection);
        writer.Output.WriteCount(elements.Length);
        _elements.Write(writer, elements);
    }

    protected override void ReadParts(ObjectReader reader, ref ByteReader input, List<T> collection)
    {
        var count = input.ReadCount();
        _elements.Expect(ref input, count);
        Init(collection, count);
        if (ElementRun<T>.IsBlock)
        {
            CollectionsMarshal.SetCount(collection, count);
            _elements.Read(reader, ref input, CollectionsMarshal.AsSpan(collection));
            return;
        }

        for (var i = 0; i < count; i++) collection.Add(_elements.ReadOne(reader, ref input));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Init(List<T> list, int capacity);
}
