using System.Runtime.CompilerServices;
using Sparkish.Serialization.Graphs.Fields;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>
/// A collection whose object exists before its elements, so that these may refer to it. A derived class also has its own fields written; the collection itself
/// is filled through the framework's class, so that no override runs.
/// </summary>
internal abstract class CollectionPlan<TCollection>(Type type) : ObjectPlan(type) where TCollection : class
{
    private const int BytesOfEmpty = 64;

    private readonly DerivedFields? _own = DerivedFields.Of(type, typeof(TCollection));

    public sealed override void Write(ObjectWriter writer, object value)
    {
        _own?.Write(writer, value);
        WriteParts(writer, Unsafe.As<TCollection>(value));
    }

    public sealed override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        input.Charge(1, BytesOfEmpty);
        var collection = Unsafe.As<TCollection>(RuntimeHelpers.GetUninitializedObject(Type));
        reader.Register(id, collection);
        _own?.Read(reader, ref input, collection);
        ReadParts(reader, ref input, collection);
        return collection;
    }

    protected abstract void WriteParts(ObjectWriter writer, TCollection collection);

    /// <summary>Runs the constructor of the framework's class on the object, and fills it.</summary>
    protected abstract void ReadParts(ObjectReader reader, ref ByteReader input, TCollection collection);
}

/// <summary>A collection with ordered elements and no other state.</summary>
internal abstract class SequencePlan<TCollection, T>(Type type) : CollectionPlan<TCollection>(type) where TCollection : class
{
    private readonly ElementRun<T> _elements = new();

    /// <summary>The memory overhead per element in the collection.</summary>
    protected virtual int OverheadEach => 0;

    protected abstract T[] ToArray(TCollection collection);

    protected abstract void Init(TCollection collection, int count);

    protected abstract void Fill(TCollection collection, T[] elements);

    protected sealed override void WriteParts(ObjectWriter writer, TCollection collection)
    {
        var elements = ToArray(collection);
        writer.Output.WriteCount(elements.Length);
        _elements.Write(writer, elements);
    }

    protected sealed override void ReadParts(ObjectReader reader, ref ByteReader input, TCollection collection)
    {
        var count = input.ReadCount();
        _elements.Expect(ref input, count, OverheadEach);
        Init(collection, count);
        Fill(collection, _elements.Read(reader, ref input, count));
    }
}
