using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>
/// Classes that derive from the keyed collection. Only their GetKeyForItem runs application code, and it runs after their fields and the items were read.
/// </summary>
internal sealed class KeyedCollectionPlan<TKey, TItem>(Type type) : CollectionPlan<KeyedCollection<TKey, TItem>>(type) where TKey : notnull
{
    private readonly ElementRun<TItem> _items = new();

    protected override void WriteParts(ObjectWriter writer, KeyedCollection<TKey, TItem> collection)
    {
        TItem[] items = [.. CollectionAccess<TItem>.Items(collection)];
        writer.Output.WriteCount(items.Length);
        writer.Output.WriteCount(Threshold(collection));
        Comparers.Write(writer, collection.Comparer);
        _items.Write(writer, items);
    }

    protected override void ReadParts(ObjectReader reader, ref ByteReader input, KeyedCollection<TKey, TItem> collection)
    {
        var count = input.ReadCount();
        var threshold = input.ReadCount(minBytesEach: 0);
        var open = reader.OpenReferences;
        var comparer = Comparers.Read<IEqualityComparer<TKey>>(reader, ref input);
        _items.Expect(ref input, count, 48 + Unsafe.SizeOf<TKey>());
        Init(collection, comparer, threshold);
        var items = _items.ReadKeys(reader, ref input, count, comparer);
        if (Keys.AreReady(reader, open)) Fill(reader, collection, comparer, items);
        else reader.Defer(() => Fill(reader, collection, comparer, items));
    }

    private static void Fill(ObjectReader reader, KeyedCollection<TKey, TItem> collection, IEqualityComparer<TKey>? comparer, TItem[] items)
    {
        var keys = Array.ConvertAll(items, item => KeyOf(collection, item));
        StructuralKeys.RefuseCycles<TKey>(keys);
        reader.KeyWork.CheckFlooding(keys, comparer, capacity: 0);
        var insert = BaseCall.Of<Action<int, TItem>>(collection, typeof(KeyedCollection<TKey, TItem>), "InsertItem");
        for (var i = 0; i < items.Length; i++) insert(i, items[i]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Init(KeyedCollection<TKey, TItem> collection, IEqualityComparer<TKey>? comparer, int threshold);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "threshold")]
    private static extern ref int Threshold(KeyedCollection<TKey, TItem> collection);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetKeyForItem")]
    private static extern TKey KeyOf(KeyedCollection<TKey, TItem> collection, TItem item);
}
