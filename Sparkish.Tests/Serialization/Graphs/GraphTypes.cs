#pragma warning disable CA1051 // fields are what is tested
#pragma warning disable CA1010 // shapes of users' code
using System.Collections;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Sparkish.Tests.Serialization.Graphs;

public enum Tiny : sbyte
{
    Low = -1,
    High = 1,
}

[Flags]
public enum Wide : ulong
{
    None = 0,
    Top = 1UL << 63,
}

public record Animal(string? Name, object? Owner);

public sealed record Dog(string? Name, object? Owner, int Age) : Animal(Name, Owner)
{
    public string? Nick { get; init; }
}

public record struct Spot(int X, string? Y, object? Any);

public readonly record struct Flat(int A, long B, bool C);

public class Base(object? hidden)
{
    private readonly object? _hidden = hidden;
    protected string? Text;

    public object? Hidden => _hidden;

    public void Say(string? text) => Text = text;
}

public sealed class Derived(object? hidden, object? own) : Base(hidden)
{
    private readonly object? _hidden = own;

    public new object? Hidden => _hidden;

    public object? More { get; set; }
}

public sealed class Generic<T>(T value)
{
    public T Value = value;
    public Generic<T[]>? Deeper;
    public object? Any;
}

public sealed class OwnException(string message, Exception? inner, object? what) : Exception(message, inner)
{
    public object? What { get; } = what;
}

public sealed class OwnList : List<object?>
{
    public object? Tag;
    private int _secret = 42;

    public int Secret { get => _secret; set => _secret = value; }
}

public sealed class OwnMap : Dictionary<string, object?>
{
    public OwnMap() : base(StringComparer.OrdinalIgnoreCase) { }

    public object? Tag;
}

public sealed class OwnSet : HashSet<string>
{
    public object? Tag;
}

public sealed class OwnSorted : SortedDictionary<int, object?>
{
    public object? Tag;
}

public sealed class OwnCollection : Collection<object?>
{
    public object? Tag;

    protected override void InsertItem(int index, object? item) => throw new InvalidOperationException("An override ran.");
}

public sealed class OwnObservable : ObservableCollection<object?>
{
    public object? Tag;
}

public sealed class ByName : KeyedCollection<string, Animal>
{
    public string Prefix = "p";

    protected override string GetKeyForItem(Animal item) => Prefix + item.Name;
}

public sealed class OwnArrayList : ArrayList
{
    public bool IsClosed;

    public override int Add(object? value) => IsClosed ? throw new InvalidOperationException("An override ran.") : base.Add(value);
}

public sealed class OwnHashtable : Hashtable
{
    public bool IsClosed;

    public override void Add(object key, object? value)
    {
        if (IsClosed) throw new InvalidOperationException("An override ran.");
        base.Add(key, value);
    }
}

/// <summary>A comparer with state.</summary>
public sealed class Modulo(int modulus) : IEqualityComparer<int>, IComparer<int>
{
    public int Modulus => modulus;

    public bool Equals(int x, int y) => x % modulus == y % modulus;

    public int GetHashCode(int obj) => obj % modulus;

    public int Compare(int x, int y) => (x % modulus).CompareTo(y % modulus);
}

public sealed class Holder
{
    public ImmutableArray<object?> Array;
    public Memory<byte> Bytes;
    public ReadOnlyMemory<char> Text;
    public ArraySegment<object?> Segment;
    public Spot Spot;
    public int? Maybe;
    public (int, string?, object?) Tuple;
    public IReadOnlyList<object?>? List;
    public DateTimeOffset Time;
    public decimal Money;
}
