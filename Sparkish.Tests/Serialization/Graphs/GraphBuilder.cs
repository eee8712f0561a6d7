using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Serialization.Graphs;

/// <summary>Builds random graphs of all kinds of objects, with sharing and cycles. One seed always builds the same graph.</summary>
internal sealed class GraphBuilder(int seed, int size)
{
    private static readonly Func<GraphBuilder, object?>[] Values =
    [
        b => b._random.Next(2) == 0,
        b => (byte)b._random.Next(),
        b => (sbyte)b._random.Next(),
        b => (short)b._random.Next(),
        b => (ushort)b._random.Next(),
        b => b._random.Next() - b._random.Next(),
        b => (uint)b._random.NextInt64(),
        b => b._random.NextInt64() - b._random.NextInt64(),
        b => (ulong)b._random.NextInt64(),
        b => (char)b._random.Next(0x10000),
        b => b.Pick(0f, -0f, float.NaN, float.PositiveInfinity, (float)b._random.NextDouble()),
        b => b.Pick(0d, -0d, double.NaN, double.NegativeInfinity, double.Epsilon, b._random.NextDouble()),
        b => b.Pick(0m, 1.10m, decimal.MaxValue, decimal.MinValue, -0.0000000000000000000000000001m),
        b => (Half)b._random.NextDouble(),
        b => (Int128)b._random.NextInt64() * b._random.NextInt64(),
        b => b.Pick(Tiny.Low, Tiny.High, (Tiny)77),
        b => b.Pick(Wide.None, Wide.Top),
        b => b.Pick(DayOfWeek.Friday),
        b => new DateTime(b._random.NextInt64(DateTime.MaxValue.Ticks), (DateTimeKind)b._random.Next(3)),
        b => new DateTimeOffset(b._random.NextInt64(1L << 58, 1L << 60), TimeSpan.FromMinutes(b._random.Next(-800, 800))),
        b => new DateOnly(b._random.Next(1, 9999), 2, 3),
        b => new TimeOnly(b._random.NextInt64(TimeSpan.TicksPerDay)),
        b => TimeSpan.FromTicks(b._random.NextInt64() - b._random.NextInt64()),
        b => b.NextGuid(),
        b => new Rune(b._random.Next(0xD7FF)),
        b => new Flat(b._random.Next(), b._random.NextInt64(), true),
        b => b._random.Next(9)..^b._random.Next(9),
        b => b.NextString(),
        b => b.NextString(),
        b => b.NextString(),
    ];

    private static readonly Func<GraphBuilder, object?>[] Objects =
    [
        .. Plain, .. Arrays, .. Sequences, .. Maps, .. Late, .. Wrappers,
    ];

    private readonly Random _random = new(seed);
    private readonly List<object> _known = [];
    private int _left = size;
    private int _depth;

    private static Func<GraphBuilder, object?>[] Plain =>
    [
        b => new object(),
        b => b.Known(new Node { Name = b.NextString() }, n => (n.Next, n.Any) = (b.Next() as Node, b.Next())),
        b => new Animal(b.NextString(), b.Next()),
        b => new Dog(b.NextString(), b.Next(), b._random.Next()) { Nick = b.NextString() },
        b => new Spot(b._random.Next(), b.NextString(), b.Next()),
        b => b.Known(new Derived(b.Next(), b.Next()), d => { d.Say(b.NextString()); d.More = b.Next(); }),
        b => b.Known(new Generic<int?>(b._random.Next(2) == 0 ? null : 5), g => (g.Deeper, g.Any) = (new Generic<int?[]>([1, null]), b.Next())),
        b => b.Known(new Generic<Spot>(default), g => g.Value = new Spot(1, b.NextString(), b.Next())),
        b => b.Known(new Holder(), b.Fill),
        b => (b.Next(), b.NextString(), 5),
        b => (1, 2, 3, 4, 5, 6, 7, b.Next(), "ten"),
        b => Tuple.Create(b.Next(), b._random.Next()),
        b => Tuple.Create(1, 2, 3, 4, 5, 6, 7, b.Next()),
        b => new KeyValuePair<string, object?>("key", b.Next()),
        b => new KeyValuePair<int, long>(1, 2),
        b => new BigInteger(b._random.NextInt64()) * b._random.NextInt64(),
        b => new Uri(b.Pick("http://a/b?c=d#e", "relative/path", "urn:x"), UriKind.RelativeOrAbsolute),
        b => b.Pick(new Version(1, 2), new Version(1, 2, 3, 4)),
        b => b.Pick<Type>(typeof(int), typeof(List<>), typeof(Dictionary<string, Node[]>), typeof(Dog), typeof(int[,])),
        b => b.Pick(CultureInfo.InvariantCulture, Culture("de-DE")),
        b => new StringBuilder(b.NextString()),
        b => new Regex("a+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)),
        b => new OwnException("own", b._random.Next(2) == 0 ? new InvalidOperationException("inner") : null, "what"),
        b => new ArgumentOutOfRangeException("name", 5, "told"),
        b => b.NextFunction(),
        b => b.NextFunction() + b.NextFunction(),
    ];

    private static Func<GraphBuilder, object?>[] Arrays =>
    [
        b => b.Known(new object?[b.Count()], a => b.FillArray(a)),
        b => b.Known<object?[]>(new string?[b.Count()], a => { for (var i = 0; i < a.Length; i++) a[i] = b.NextString(); }),
        b => b.Known(new Node?[b.Count()], a => { for (var i = 0; i < a.Length; i++) a[i] = b.Next() as Node; }),
        b => b.Many(x => x._random.Next()),
        b => b.Many(x => (byte)x._random.Next()),
        b => b.Many(x => x._random.Next(2) == 0),
        b => b.Many(x => x._random.NextDouble()),
        b => b.Many(_ => 1.5m),
        b => b.Many(_ => new DateTime(5, DateTimeKind.Utc)),
        b => b.Many(x => x._random.Next(2) == 0 ? (int?)null : 3),
        b => b.Many(_ => Tiny.High),
        b => b.Many(x => new Flat(x._random.Next(), 1, false)),
        b => b.Many(x => new Spot(1, x.NextString(), x.Next())),
        b => b.Many(x => (x.NextString(), x._random.Next())),
        b => new int[2, 0, 3],
        b => new[,] { { 1, 2, 3 }, { 4, 5, 6 } },
        b => new[,] { { b.NextString(), "b" }, { null, b.NextString() } },
        b => b.Known(new object?[2, 1, 2], a => (a[0, 0, 0], a[1, 0, 1]) = (b.Next(), b.Next())),
        b => new[] { new[] { 1.5 }, [], [2, 3] },
        b => new[] { new[,] { { 'a' } } },
        b => new IEnumerable[] { b.NextString() ?? "", new List<int> { 1 } },
    ];

    private static Func<GraphBuilder, object?>[] Sequences =>
    [
        b => b.Known(new List<object?>(), b.AddTo),
        b => new List<int>(b.Many(x => x._random.Next())),
        b => new List<string?>(b.Many(x => x.NextString())),
        b => new List<Spot>(b.Many(x => new Spot(2, x.NextString(), x.Next()))),
        b => new List<bool>(b.Many(x => x._random.Next(2) == 0)),
        b => b.Known(new LinkedList<object?>(), l => b.Each(x => l.AddLast(x))),
        b => b.Known(new Queue<object?>(), q => { q.Enqueue(1); q.Dequeue(); b.Each(q.Enqueue); }),
        b => b.Known(new Stack<object?>(), s => b.Each(s.Push)),
        b => new Stack<int>(b.Many(x => x._random.Next())),
        b => b.Known(new PriorityQueue<object?, int>(), q => b.Each(x => q.Enqueue(x, b._random.Next(5)))),
        b => new PriorityQueue<string?, int>(b.Many(x => (x.NextString(), x._random.Next(9))), Comparer<int>.Create((x, y) => y.CompareTo(x))),
        b => b.Known(new ConcurrentQueue<object?>(), q => b.Each(q.Enqueue)),
        b => b.Known(new ConcurrentStack<object?>(), s => b.Each(s.Push)),
        b => b.Known(new ConcurrentBag<object?>(), s => b.Each(s.Add)),
        b => b.Known(new ArrayList(), l => b.Each(x => l.Add(x))),
        b => b.Known(new OwnArrayList(), l => { b.Each(x => l.Add(x)); l.IsClosed = true; }),
        b => new BitArray(b.Many(x => x._random.Next(2) == 0)),
        b => b.Known(new OwnList { Secret = b._random.Next() }, l => { b.AddTo(l); l.Tag = b.Next(); }),
        b => new Random(5),
    ];

    private static Func<GraphBuilder, object?>[] Maps =>
    [
        b => b.Known(new Dictionary<string, object?>(b.NextComparer()), m => b.EachKey(key => m[key] = b.Next())),
        b => new Dictionary<int, long>(b.Many(x => x._random.Next()).Distinct().Select(key => KeyValuePair.Create(key, 5L))),
        b => b.Known(new Dictionary<object, object?>(), m => b.Each(x => m[x ?? new object()] = b.Next(), onlyIdentity: true)),
        b => new Dictionary<Flat, string?> { [new Flat(1, 2, true)] = b.NextString() },
        b => new Dictionary<(string, int), object?> { [(b.NextString() ?? "", 5)] = b.Next() },
        b => new Dictionary<int, string?>(new Modulo(7)) { [8] = b.NextString(), [2] = null },
        b => b.Known(new OrderedDictionary<string, object?>(b.NextComparer()), m => b.EachKey(key => m[key] = b.Next())),
        b => b.Known(new ConcurrentDictionary<string, object?>(b.NextComparer() ?? StringComparer.Ordinal), m => b.EachKey(key => m[key] = b.Next())),
        b => b.Known(new Hashtable(), m => b.EachKey(key => m[key] = b.Next())),
        b => b.Known(new Hashtable(StringComparer.OrdinalIgnoreCase), m => b.EachKey(key => m[key] = b.Next())),
        b => b.Known(new OwnHashtable(), m => { b.EachKey(key => m[key] = b.Next()); m.IsClosed = true; }),
        b => new HashSet<string>(b.Keys(), b.NextComparer()),
        b => new HashSet<int>(b.Many(x => x._random.Next()), b._random.Next(2) == 0 ? null : new Modulo(5)),
        b => b.Known(new HashSet<object>(), s => b.Each(x => s.Add(x ?? new object()), onlyIdentity: true)),
        b => b.Known(new HashSet<object>(ReferenceEqualityComparer.Instance), s => b.Each(x => s.Add(x ?? new object()), onlyIdentity: true)),
        b => new HashSet<HashSet<int>>([[1, 2], [3]], HashSet<int>.CreateSetComparer()),
        b => b.Known(new SortedDictionary<string, object?>(b.NextComparer() ?? StringComparer.Ordinal), m => b.EachKey(key => m[key] = b.Next())),
        b => b.Known(new SortedDictionary<int, object?>(), m => b.Each(x => m[b._random.Next()] = x)),
        b => b.Known(new SortedList<int, object?>(Comparer<int>.Create((x, y) => y.CompareTo(x))), m => b.Each(x => m[b._random.Next()] = x)),
        b => new SortedSet<string>(b.Keys(), StringComparer.Ordinal),
        b => new SortedSet<int>(b.Many(x => x._random.Next()), new Modulo(11)),
        b => b.Known(new OwnMap(), m => { b.EachKey(key => m[key] = b.Next()); m.Tag = b.Next(); }),
        b => b.Known(new OwnSet(), s => { s.UnionWith(b.Keys()); s.Tag = b.Next(); }),
        b => b.Known(new OwnSorted(), m => { b.Each(x => m[b._random.Next()] = x); m.Tag = b.Next(); }),
        b => new ByName { Prefix = "q" }.With(b.Keys().Select(key => new Animal(key, null))),
    ];

    private static Func<GraphBuilder, object?>[] Late =>
    [
        b => ImmutableList.CreateRange(b.Many(x => x.Next())),
        b => ImmutableQueue.CreateRange(b.Many(x => x.Next())),
        b => ImmutableStack.CreateRange(b.Many(x => x.Next())),
        b => ImmutableArray.CreateRange(b.Many(x => x.Next())),
        b => default(ImmutableArray<int>),
        b => ImmutableDictionary.Create<string, object?>(b.NextComparer()).SetItems(b.Keys().Select(key => KeyValuePair.Create(key, b.Next()))),
        b => ImmutableHashSet.CreateRange(b.NextComparer(), b.Keys()),
        b => ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, b.Keys().Select(key => KeyValuePair.Create(key, b.Next()))),
        b => ImmutableSortedSet.CreateRange(b.Many(x => x._random.Next())),
        b => b.Keys().ToFrozenSet(b.NextComparer()),
        b => b.Keys().ToFrozenDictionary(key => key, _ => b.Next(), StringComparer.Ordinal),
        b => b.Many(x => x._random.Next()).ToFrozenSet(),
        b => b.Many(x => x._random.NextInt64()).Distinct().ToFrozenDictionary(key => key, _ => b.NextString()),
    ];

    private static Func<GraphBuilder, object?>[] Wrappers =>
    [
        b => b.Known(new Collection<object?>(), b.AddTo),
        b =>
            b.Known(new OwnCollection { Tag = b.Next() },
                c => b.Each(x => ((List<object?>)typeof(Collection<object?>).GetProperty("Items", (System.Reflection.BindingFlags)36)!.GetValue(c)!).Add(x))),
        b => b.Known(new ObservableCollection<object?>(), b.AddTo),
        b => b.Known(new OwnObservable { Tag = b.Next() }, b.AddTo),
        b => new ReadOnlyCollection<object?>(b.Many(x => x.Next())),
        b => b.Known(new List<object?>(), b.AddTo).AsReadOnly(),
        b => new ReadOnlyObservableCollection<object?>(b.Known(new ObservableCollection<object?>(), b.AddTo)),
        b => new ReadOnlyDictionary<string, object?>(new Dictionary<string, object?> { ["a"] = b.Next() }),
        b => new ReadOnlySet<string>(new HashSet<string>(b.Keys())),
        b => new ArraySegment<object?>([b.Next(), b.Next(), 3], 1, 2),
        b => new Memory<byte>(b.Many(x => (byte)x._random.Next())),
        b => new ReadOnlyMemory<int>([1, 2, 3], 1, 1),
        b => "some text".AsMemory(5),
        b => b.Pick<object>(StringComparer.InvariantCultureIgnoreCase, StringComparer.Create(Culture("sv-SE"), CompareOptions.IgnoreWidth),
            EqualityComparer<Version>.Default, Comparer<int?>.Default, EqualityComparer<DayOfWeek>.Default),
        b => EqualityComparer<int>.Create((x, y) => x == y, x => x),
    ];

    /// <summary>The kinds of objects, each of which <see cref="Make"/> makes one of.</summary>
    public static int Kinds => Objects.Length;

    /// <summary>A culture; the invariant one where the process knows no other.</summary>
    public static CultureInfo Culture(string name) =>
        Array.Find(CultureInfo.GetCultures(CultureTypes.SpecificCultures), culture => string.Equals(culture.Name, name, StringComparison.Ordinal))
            ?? CultureInfo.InvariantCulture;

    public object? Next()
    {
        var choice = _random.Next(100);
        if (_left <= 0 || _depth > 12 || choice < 25) return choice < 5 ? null : Values[_random.Next(Values.Length)](this);
        if (choice < 45 && _known.Count > 0) return _known[_random.Next(_known.Count)];
        return Make(_random.Next(Objects.Length));
    }

    public object? Make(int kind)
    {
        _left--;
        _depth++;
        var made = Objects[kind](this);
        _depth--;
        if (made is not null && !made.GetType().IsValueType && !_known.Contains(made, ReferenceEqualityComparer.Instance)) _known.Add(made);
        return made;
    }

    private static bool IsIdentity(object value) => value is Node or object[] or List<object?> or Derived or LinkedList<object?>;

    private T Known<T>(T made, Action<T> fill) where T : class
    {
        _known.Add(made);
        fill(made);
        return made;
    }

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];

    private int Count() => _random.Next(5) == 0 ? 0 : _random.Next(6);

    private T[] Many<T>(Func<GraphBuilder, T> make)
    {
        var values = new T[Count()];
        for (var i = 0; i < values.Length; i++) values[i] = make(this);
        return values;
    }

    private void Each(Action<object?> add) => Each(add, onlyIdentity: false);

    private void Each(Action<object?> add, bool onlyIdentity)
    {
        for (var i = Count(); i > 0; i--)
        {
            var value = Next();
            if (!onlyIdentity) add(value);
            else if (value is not null && IsIdentity(value)) add(value);
            else add(null);
        }
    }

    private string[] Keys() => [.. Many(_ => NextString() ?? "null").Distinct(StringComparer.OrdinalIgnoreCase)];

    private void EachKey(Action<string> add)
    {
        foreach (var key in Keys()) add(key);
    }

    private void AddTo(IList<object?> list) => Each(list.Add);

    private void FillArray(object?[] array)
    {
        for (var i = 0; i < array.Length; i++) array[i] = Next();
    }

    private void Fill(Holder holder)
    {
        holder.Array = [Next(), holder];
        holder.Bytes = new byte[] { 1, 2, 3 }.AsMemory(1);
        holder.Text = (NextString() ?? "abc").AsMemory();
        holder.Segment = new ArraySegment<object?>([Next(), holder, 3], 1, 1);
        holder.Spot = new Spot(1, NextString(), holder);
        holder.Maybe = _random.Next(2) == 0 ? null : 7;
        holder.Tuple = (1, NextString(), Next());
        holder.List = [Next(), 2];
        holder.Time = DateTimeOffset.UnixEpoch;
        holder.Money = 1.50m;
    }

    private Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private StringComparer? NextComparer() => Pick(
        null, StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture,
            StringComparer.Create(Culture("de-DE"), CompareOptions.IgnoreCase));

    private Func<int, int> NextFunction()
    {
        var (k, text) = (_random.Next(), NextString());
        return Pick<Func<int, int>>(x => x + 1, x => x + k, x => x + (text?.Length ?? k), Math.Abs);
    }

    private string? NextString() => _random.Next(12) switch
    {
        0 => null,
        1 => "",
        2 => "\0",
        3 => "a\ud83d\ude00b",
        4 => "unpaired \ud83d",
        5 => "\ude00 unpaired",
        6 => new string('x', _random.Next(300)),
        7 => new string('\u00e4', _random.Next(60)),
        8 => new string('\u20ac', _random.Next(60)),
        9 => new string([.. Enumerable.Range(0, _random.Next(8)).Select(_ => (char)_random.Next(0x10000))]),
        _ => $"text {_random.Next(20)}",
    };
}

internal static class GraphBuilderExtensions
{
    public static TCollection With<TCollection, T>(this TCollection collection, IEnumerable<T> items) where TCollection : ICollection<T>
    {
        foreach (var item in items) collection.Add(item);
        return collection;
    }
}
