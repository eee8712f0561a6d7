#pragma warning disable MA0048, MA0096, CA1010, CA1065, CA1036, CA1710, CA2225, CA2231 // gadgets belong together, and have what an attacker looks for
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using Microsoft.FSharp.Collections;
using Sparkish.Serialization;
using Sparkish.Tests.Serialization;

[assembly: SerializationSurrogate(typeof(GadgetSurrogate))]

namespace Sparkish.Tests.Serialization;

/// <summary>Counts calls of code that bytes could name.</summary>
internal static class Calls
{
    private static long _count;

    public static long Count => Interlocked.Read(ref _count);

    public static void Add() => Interlocked.Increment(ref _count);

    /// <summary>How many calls an action makes.</summary>
    public static long During(Action action)
    {
        var before = Count;
        action();
        return Count - before;
    }
}

/// <summary>A key all of whose members act.</summary>
public sealed class GadgetKey : IComparable<GadgetKey>, IComparable, IEquatable<GadgetKey>
{
    private int _number;

    public GadgetKey() => Calls.Add();

    public int Number
    {
        get => _number;
        set
        {
            Calls.Add();
            _number = value;
        }
    }

    public static GadgetKey Of(int number) => new() { Number = number };

    public static implicit operator string(GadgetKey key)
    {
        Calls.Add();
        return key?.ToString() ?? "";
    }

    public int CompareTo(GadgetKey? other)
    {
        Calls.Add();
        return other is null ? 1 : _number.CompareTo(other._number);
    }

    public int CompareTo(object? obj) => CompareTo(obj as GadgetKey);

    public bool Equals(GadgetKey? other)
    {
        Calls.Add();
        return other?._number == _number;
    }

    public override bool Equals(object? obj) => Equals(obj as GadgetKey);

    public override int GetHashCode()
    {
        Calls.Add();
        return _number;
    }

    public override string ToString()
    {
        Calls.Add();
        return "key";
    }
}

public readonly struct GadgetStruct(int number) : IEquatable<GadgetStruct>
{
    private readonly string _text = "x";

    public int Number { get; } = number;

    public bool Equals(GadgetStruct other)
    {
        Calls.Add();
        return Number == other.Number;
    }

    public override bool Equals(object? obj) => obj is GadgetStruct other && Equals(other);

    public override int GetHashCode()
    {
        Calls.Add();
        return Number + _text.Length;
    }
}

public sealed class GadgetComparer : IComparer<int>, IEqualityComparer<int>
{
    public bool Equals(int x, int y)
    {
        Calls.Add();
        return x == y;
    }

    public int GetHashCode(int obj)
    {
        Calls.Add();
        return obj;
    }

    public int Compare(int x, int y)
    {
        Calls.Add();
        return x.CompareTo(y);
    }
}

/// <summary>A comparer that calls what the bytes put into it.</summary>
public sealed class CallingComparer(Comparison<int> function) : IComparer<int>, IEqualityComparer<int>
{
    public object? Owner { get; set; }

    public int Compare(int x, int y) => function(x, y);

    public bool Equals(int x, int y) => function(x, y) == 0;

    public int GetHashCode(int obj) => function(obj, obj);
}

/// <summary>A key that calls what the bytes put into it.</summary>
public sealed class CallingKey(Func<int> function) : IComparable<CallingKey>
{
    public int CompareTo(CallingKey? other) => function();

    public override bool Equals(object? obj) => obj is CallingKey && function() == 0;

    public override int GetHashCode() => function();
}

public sealed class GadgetKeyed : KeyedCollection<int, string>
{
    protected override int GetKeyForItem(string item)
    {
        Calls.Add();
        return item?.Length ?? 0;
    }
}

public sealed class GadgetTable : Hashtable
{
    public GadgetTable() => Calls.Add();

    public override void Add(object key, object? value)
    {
        Calls.Add();
        base.Add(key, value);
    }

    protected override int GetHash(object key)
    {
        Calls.Add();
        return base.GetHash(key);
    }

    protected override bool KeyEquals(object? item, object key)
    {
        Calls.Add();
        return base.KeyEquals(item, key);
    }
}

/// <summary>Its static constructor may not be moved: to make one runs it.</summary>
public sealed class GadgetWithInitializer
{
    private readonly int _number = 1;

    static GadgetWithInitializer() => Calls.Add();

    public int Number => _number;
}

/// <summary>The same, of which no test makes one.</summary>
public sealed class UntouchedGadget
{
    static UntouchedGadget() => Calls.Add();

    public int Number { get; init; }
}

/// <summary>The same as an exception.</summary>
public sealed class InitializingException : Exception
{
    static InitializingException() => Calls.Add();

    public InitializingException() { }

    public InitializingException(string message) : base(message) { }

    public InitializingException(string message, Exception innerException) : base(message, innerException) { }
}

public sealed class GadgetException : Exception
{
    public GadgetException() => Calls.Add();

    public GadgetException(string message) : base(message) => Calls.Add();

    public GadgetException(string message, Exception innerException) : base(message, innerException) => Calls.Add();

    public object? Attached { get; init; }

    public override string Message
    {
        get
        {
            Calls.Add();
            return base.Message;
        }
    }

    public override string? StackTrace
    {
        get
        {
            Calls.Add();
            return base.StackTrace;
        }
    }

    public override string ToString()
    {
        Calls.Add();
        return "gadget";
    }
}

[CodecType(typeof(GadgetCodec))]
public sealed class GadgetOfCodec
{
    public int Number { get; init; }
}

public sealed class GadgetCodec : Codec<GadgetOfCodec?>
{
    public GadgetCodec() => Calls.Add();

    public override void Write(ByteWriter writer, in GadgetOfCodec? value) => writer.WriteUnmanaged(value?.Number ?? 0);

    public override GadgetOfCodec? Read(ref ByteReader reader)
    {
        Calls.Add();
        return new GadgetOfCodec { Number = reader.ReadUnmanaged<int>() };
    }
}

public class GadgetOfSurrogate
{
    public int Number { get; init; }
}

public sealed class GadgetSurrogate : Surrogate<GadgetOfSurrogate, int>
{
    public GadgetSurrogate() => Calls.Add();

    public override int ToState(GadgetOfSurrogate value) => value.Number;

    public override GadgetOfSurrogate FromState(int state)
    {
        Calls.Add();
        return new GadgetOfSurrogate { Number = state };
    }
}

/// <summary>Has all that old serializers call, and constructors that act.</summary>
[Serializable]
public sealed class GadgetWithCallbacks : ISerializable
{
    public GadgetWithCallbacks() => Calls.Add();

    private GadgetWithCallbacks(SerializationInfo info, StreamingContext context) => Calls.Add();

    public string Name { get; init; } = "name";

    public void GetObjectData(SerializationInfo info, StreamingContext context) => Calls.Add();

    [OnDeserialized]
    private void Deserialized(StreamingContext context) => Calls.Add();
}

/// <summary>A class whose constructor, and nothing else, makes it as a row.</summary>
public record GadgetRow
{
    public GadgetRow(int number)
    {
        Calls.Add();
        Number = number;
    }

    public int Number { get; }
}

public sealed record DerivedGadgetRow(int Number, object Held) : GadgetRow(Number);

internal static partial class NativeGadgets
{
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Imported(int process, int signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Generated(int process, int signal);

    [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.StaticMethod, Name = "Any")]
    public static extern int Accessed(int one, int other);
}

/// <summary>One of each object that calls code of the application when it is made.</summary>
internal static class Gadgets
{
    public static object[] All { get; } = Make();

    public static int Compare(int x, int y)
    {
        Calls.Add();
        return x.CompareTo(y);
    }

    private static object[] Make()
    {
        var keys = new[] { GadgetKey.Of(1), GadgetKey.Of(2), GadgetKey.Of(3) };
        var structs = new[] { new GadgetStruct(1), new GadgetStruct(2) };
        var pairs = keys.Select(key => KeyValuePair.Create(key, "v")).ToArray();
        var comparer = new GadgetComparer();
        var function = Comparer<int>.Create(Compare);
        var equality = EqualityComparer<int>.Create((x, y) => Compare(x, y) == 0, x => Compare(x, x));
        var queue = new PriorityQueue<string, GadgetKey>();
        foreach (var key in keys) queue.Enqueue("a", key);
        object[] roots =
        [
            new HashSet<GadgetKey>(keys), new Dictionary<GadgetKey, string>(pairs), new SortedSet<GadgetKey>(keys), new SortedDictionary<GadgetKey, string>(
                new Dictionary<GadgetKey, string>(pairs)), new SortedList<GadgetKey, string>(new Dictionary<GadgetKey, string>(pairs)),
            new ConcurrentDictionary<GadgetKey, string>(pairs), new OrderedDictionary<GadgetKey, string>(pairs), queue, new Hashtable { [keys[0]] = 1 },
            new GadgetTable { { 1, "a" } }, new GadgetKeyed { "a", "bb" },
            keys.ToImmutableHashSet(), keys.ToImmutableSortedSet(), pairs.ToImmutableDictionary(), pairs.ToImmutableSortedDictionary(),
            keys.ToFrozenSet(), pairs.ToFrozenDictionary(), SetModule.OfSeq(keys), MapModule.OfSeq(keys.Select(key => Tuple.Create(key, 1))),
            new HashSet<GadgetStruct>(structs), structs.ToFrozenSet(), new HashSet<(GadgetKey, int)> { (keys[0], 1) },
            new HashSet<int>([1, 2], comparer), new SortedSet<int>([1, 2, 3], comparer), new SortedSet<int>([1, 2, 3], function),
            new HashSet<int>([1, 2], equality), new[] { 1, 2 }.ToImmutableSortedSet(function), new[] { 1, 2 }.ToFrozenSet(equality),
            new SortedSet<int>([1, 2, 3], new CallingComparer(Compare)), new HashSet<CallingKey> { new(() => Compare(1, 2)) },
            new GadgetOfCodec { Number = 3 }, new[] { new GadgetOfCodec() }, new GadgetOfSurrogate { Number = 4 }, new GadgetWithCallbacks(),
            new GadgetWithInitializer(), new DerivedGadgetRow(1, keys[0]), new ReadOnlyCollection<object>([new HashSet<GadgetKey>(keys)]),
            (Func<int, int, int>)Compare, new Lines(keys[0]).Next,
        ];
        object[] wrapped =
        [
            new List<object>(roots), new object?[] { roots, null, roots[0] }, (1, roots[0]), new Node { Name = "n", Any = roots[2] },
            new Dictionary<string, object> { ["a"] = roots[1] },
        ];
        return [.. roots, .. wrapped];
    }

    /// <summary>Its method captures an object that is written before the delegate.</summary>
    private sealed class Lines(GadgetKey key)
    {
        private readonly HashSet<GadgetKey> _seen = [key];

        public Func<int> Next => () => _seen.Count;
    }
}
