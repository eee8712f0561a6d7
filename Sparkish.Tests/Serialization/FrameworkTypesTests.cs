using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>
/// What is read behaves like what was written, for all types of the framework that are sent: a sample of each is written, as a row and in a graph, and the
/// copies are compared, enumerated and used further beside it.
/// </summary>
public sealed class FrameworkTypesTests
{
    private static readonly SerializationContext AllTypes = new() { Types = TypeBinder.Application, Trust = Trust.Own };

    private static IEnumerable<Sample> Samples =>
    [
        Value(true), Value((byte)200), Value((sbyte)-3), Value('\ud800'), Value((short)-3), Value((ushort)3),
        Value(-3), Value(3u), Value(-3L), Value(3UL), Value(float.NaN),
        Value(-0.0), Value((Half)1.5), Value(1.00m), Value((Int128)5 << 90), Value((UInt128)5 << 90),
        Value((BigInteger)(-5) << 200), Value(new Complex(1, -0.0)),
        Value("a\ud800\0é"), Value(new Rune(0x1F600)), Value(Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e")), Value(^3), Value(1..^2), Of<int?>(static () => 5, static n => [n]),
        Of(static () => new DateTime(2026, 3, 29, 2, 30, 0, DateTimeKind.Local), static d => [d, d.Kind]),
        Of(static () => new DateTimeOffset(2026, 1, 1, 1, 2, 3, 4, TimeSpan.FromMinutes(-570)), static d => [d, d.Offset, d.DateTime]),
        Value(new DateOnly(2026, 1, 2)), Value(new TimeOnly(5)), Value(TimeSpan.MinValue), Value(new Version(1, 2)), Value(new Version(1, 2, 3, 4)),
        Of(static () => new Uri("/a b?c#d", UriKind.Relative), static u => [u, u.IsAbsoluteUri, u.OriginalString]),
        Of(static () => new Uri("HTTP://user@Host:80/%41/ü?q#f"), static u => [u, u.AbsoluteUri, u.Fragment, u.UserInfo, u.IsAbsoluteUri]),
        Of(static () => new Uri("/etc/a b", UriKind.Absolute), static u => [u, u.AbsoluteUri, u.IsFile, u.LocalPath]),
        Of(static () => new StringBuilder("ab", 100).Append('c'), static b => [b.ToString(), b.Append('d').ToString()]),
        Of(static () => new Regex("(a)(?<x>b)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.RightToLeft, TimeSpan.FromSeconds(5)),
            static r => [r.ToString(), r.Options, r.MatchTimeout, r.Match("xABy").Groups["x"].Value]),
        Of(static () => CultureInfo.GetCultureInfo("de-DE"), static c => [c, 1234.5.ToString("N1", c), c.CompareInfo]),
        Of(static () => CultureInfo.InvariantCulture, static c => [c, 1234.5.ToString("N1", c)]),
        Of(static () => new Random(5), static r => [r.Next(), r.NextDouble(), r.Next(3)]),
        Value(new Vector2(1, 2)), Value(new Vector3(1, 2, 3)), Value(new Vector4(1, 2, 3, 4)), Value(new Quaternion(1, 2, 3, 4)), Value(new Plane(1, 2, 3, 4)),
        Value(Matrix3x2.CreateRotation(1)), Value(Matrix4x4.CreateRotationX(1)), Value(Vector<int>.One),
        Value(default(ValueTuple)), Value(ValueTuple.Create(1)), Value((1, "b")), Value((1, 2, 3)), Value((1, 2, 3, 4)), Value((1, 2, 3, 4, 5)),
        Value((1, 2, 3, 4, 5, 6)),
        Value((1, 2, 3, 4, 5, 6, 7)), Value((1, 2, 3, 4, 5, 6, 7, 8, "i")), Value(Tuple.Create(1)), Value(Tuple.Create(1, "b")), Value(Tuple.Create(1, 2, 3)),
        Value(Tuple.Create(1, 2, 3, 4)), Value(Tuple.Create(1, 2, 3, 4, 5)), Value(Tuple.Create(1, 2, 3, 4, 5, 6)), Value(Tuple.Create(1, 2, 3, 4, 5, 6, 7)),
        Value(Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8)), Value(KeyValuePair.Create("a", 1)),
        Of(static () => new ArraySegment<int>([1, 2, 3], 1, 1), static s => [.. s.Select(static n => (object)n)]),
        Of(static () => new Memory<int>([1, 2, 3], 1, 1), static m => [.. m.ToArray().Select(static n => (object)n)]),
        Of(static () => new ReadOnlyMemory<int>([1, 2, 3], 1, 1), static m => [.. m.ToArray().Select(static n => (object)n)]),
        Of(static () => new BitArray([true, false, true]), static b => [b.Count, b[0], b[1], b.Not()[2]]),
        Of(static () => new ArrayList { 1, "b", null }, static l => [.. l.Cast<object?>(), l.Add(5), l.Contains("b")]),
        Of(static () => new Hashtable(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }, static h => [h.Count, h["A"], h.ContainsKey("b")]),
        Of(static () => new List<int> { 3, 1 }, static l => [.. Added(l)]),
        Of(static () => new LinkedList<int>([3, 1]), static l => [l.First!.Next!.Value, .. Added(l)]),
        Of(static () => new Queue<int>([3, 1]), static q => [q.Dequeue(), q.Count, q.Peek()]),
        Of(static () => new Stack<int>([3, 1]), static s => [s.Pop(), s.Count, s.Peek()]),
        Of(static () => new PriorityQueue<string, int>([("a", 2), ("b", 1), ("c", 1)]), static q => [q.Dequeue(), q.Dequeue(), q.Dequeue(), q.Count]),
        Of(static () => new ConcurrentQueue<int>([3, 1]), static q => [q.TryDequeue(out var n), n, q.Count]),
        Of(static () => new ConcurrentStack<int>([3, 1]), static q => [q.TryPop(out var n), n, q.Count]),
        Of(static () => new ConcurrentBag<int>([3, 3]), static q => [q.TryTake(out var n), n, q.Count]),
        Of(static () => new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["a"] = 2 }, static d => [d.Comparer, .. Used(d)]),
        Of(static () => new OrderedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["a"] = 2 },
            static d => [d.IndexOf("A"), .. Used(d)]),
        Of(static () => new ConcurrentDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1 }, static d => [d.Comparer, .. Used(d)]),
        Of(static () => new SortedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["a"] = 2 },
            static d => [d.Comparer, .. Used(d)]),
        Of(static () => new SortedList<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["a"] = 2 }, static d => [d.Comparer, .. Used(d)]),
        Of(static () => new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "b", "a" },
            static s => [s.Comparer, s.Contains("A"), s.Add("B"), s.Add("c"), .. s]),
        Of(static () => new SortedSet<string>(StringComparer.OrdinalIgnoreCase) { "b", "a" },
            static s => [s.Comparer, s.Contains("A"), s.Add("B"), s.Max, .. s]),
        Of(static () => new Collection<int> { 3, 1 }, static l => [.. Added(l)]),
        Of(static () => new ObservableCollection<int> { 3, 1 }, static l => [.. Added(l)]),
        Of(static () => new ReadOnlyCollection<int>([3, 1]), static l => [l[1], l.Contains(3), l.Count]),
        Of(static () => new ReadOnlyObservableCollection<int>([3, 1]), static l => [l[1], l.Contains(3), l.Count]),
        Of(static () => new ReadOnlyDictionary<string, int>(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }),
            static d => [d["A"], d.Count]),
        Of(static () => new ReadOnlySet<string>(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" }),
            static s => [s.Contains("A"), s.Count]),
        Of(static () => ImmutableArray.Create(3, 1), static l => [.. l.Add(2).Select(static n => (object)n)]),
        Of(static () => ImmutableList.Create(3, 1), static l => [.. l.Add(2).Select(static n => (object)n)]),
        Of(static () => ImmutableQueue.Create(3, 1), static q => [q.Dequeue(out var n).Peek(), n]),
        Of(static () => ImmutableStack.Create(3, 1), static q => [q.Pop(out var n).Peek(), n]),
        Of(static () => ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, "a"),
            static s => [s.KeyComparer, s.Contains("A"), s.Add("A").Count]),
        Of(static () => ImmutableSortedSet.Create(StringComparer.OrdinalIgnoreCase, "b", "a"), static s => [s.KeyComparer, s[0], s.Add("A").Count]),
        Of(static () => ImmutableDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase).Add("a", 1),
            static d => [d["A"], d.SetItem("A", 2).Count]),
        Of(static () => ImmutableSortedDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase).Add("a", 1),
            static d => [d["A"], d.SetItem("A", 2).Count]),
        Of(static () => new[] { "a" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), static s => [s.Comparer, s.Contains("A"), s.Count]),
        Of(static () => new[] { 1, 2 }.ToFrozenDictionary(static n => n), static s => [s[1], s.ContainsKey(3), s.Count]),
        Of<IList<int>>(static () => new List<int> { 3, 1 }, static l => [.. Added(l)]),
        Of<ICollection<int>>(static () => new List<int> { 3, 1 }, static l => [.. Added(l)]),
        Of<ISet<string>>(static () => new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" }, static s => [s.Contains("A"), s.Add("A"), s.Count]),
        Of<IReadOnlySet<string>>(static () => new[] { "a" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), static s => [s.Contains("A"), s.Count]),
        Of<ISet<string>>(static () => new SortedSet<string>(StringComparer.Ordinal) { "b", "a" }, static s => [s.Contains("A"), .. s]),
        Of<IDictionary<string, int>>(static () => new SortedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }, static d => [.. Used(d)]),
        Of<IReadOnlyDictionary<string, int>>(
            static () => ImmutableDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase).Add("a", 1), static d => [d["A"], d.Count]),
        Of<IReadOnlyDictionary<string, int>>(
            static () => new ConcurrentDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }, static d => [d["A"], d.Count]),
        Of<StringComparer>(static () => StringComparer.OrdinalIgnoreCase, static c => [c, c.Equals("a", "A")]),
        Of(static () => StringComparer.Create(CultureInfo.GetCultureInfo("de-DE"), ignoreCase: true),
            static c => [c, c.Equals("ä", "Ä"), c.Compare("ä", "z")]),
        Of(static () => Comparer<int>.Create(static (x, y) => y - x), static c => [c.Compare(1, 2)]),
        Of(static () => Comparer<int>.Default, static c => [c.Compare(1, 2)]),
        Of(static () => EqualityComparer<int?>.Default, static c => [c.Equals(1, null)]),
        Of(static () => ReferenceEqualityComparer.Instance, static c => [c]),
    ];

    private static IEnumerable<TestCaseData> Cases => Samples.Select(static (sample, i) => new TestCaseData(sample).SetArgDisplayNames($"{i} {sample.Type}"));

    [TestCaseSource(nameof(Cases))]
    public void What_was_read_behaves_like_what_was_written(object sample) => ((Sample)sample).Check();

    [Test]
    public void Each_public_type_of_the_framework_that_is_sent_has_a_sample()
    {
        Type[] known =
        [
            typeof(object), typeof(SortedSet<>), typeof(ImmutableList), typeof(ConcurrentBag<>), typeof(Complex), typeof(BigInteger), typeof(Uri),
            typeof(Regex),
            typeof(ObservableCollection<>),
        ];
        var sent = known.Select(static type => type.Assembly).Distinct().SelectMany(static assembly => assembly.GetExportedTypes()).Where(IsSent);

        var missing = sent.Select(DefinitionOf).Except(Samples.SelectMany(static sample => sample.Types).Select(DefinitionOf)).ToArray();

        Assert.That(missing, Is.Empty);
    }

    // Comparers of the framework are objects of classes that nobody names; abstract classes and delegates are sent as what they are.
    private static bool IsSent(Type type)
    {
        var isOther = type.IsInterface || type.IsAbstract || type.IsEnum || type.IsByRefLike || type.IsAssignableTo(typeof(Exception))
            || type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(Attribute)) || type.IsAssignableTo(typeof(Type)) || type == typeof(void)
            || type.Name.Contains("Comparer", StringComparison.Ordinal);
        if (isOther || type == typeof(object) || type == typeof(EventArgs)) return false;
        try
        {
            var closed = type.IsGenericTypeDefinition ? type.MakeGenericType([.. type.GetGenericArguments().Select(static _ => typeof(int))]) : type;
            return TypeAdmission.Default.Refusal(closed) is null && TypeRules.Refusal(closed) is null;
        }
        catch (ArgumentException)
        {
            return false; // a constraint that no collection has
        }
    }

    private static Type DefinitionOf(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private static IEnumerable<object?> Added(ICollection<int> collection)
    {
        yield return collection.Contains(3);
        collection.Add(2);
        yield return collection.Remove(1);
        foreach (var element in collection) yield return element;
    }

    private static IEnumerable<object?> Used(IDictionary<string, int> map)
    {
        yield return map["A"] = 7;
        map["c"] = 8;
        yield return map.Count;
        foreach (var entry in map.OrderBy(static entry => entry.Value)) yield return entry;
    }

    private static Sample<T> Value<T>(T value) where T : notnull => Of(() => value, static value => [value]);

    private static Sample<T> Of<T>(Func<T> make, Func<T, object?[]> use) => new Sample<T>(make, use);

    private abstract class Sample
    {
        public abstract Type Type { get; }

        public abstract IEnumerable<Type> Types { get; }

        public abstract void Check();
    }

    private sealed class Sample<T>(Func<T> make, Func<T, object?[]> use) : Sample
    {
        public override Type Type => typeof(T);

        public override IEnumerable<Type> Types => [typeof(T), make()!.GetType(), .. make()!.GetType().BaseType is { } parent ? new[] { parent } : []];

        public override void Check()
        {
            var expected = use(make());
            var graph = (T)ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(make()), AllTypes)!;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(use(Row()), Is.EqualTo(expected), "as a row");
                Assert.That(use(graph), Is.EqualTo(expected), "in a graph");
            }
        }

        private T Row()
        {
            var writer = new ByteWriter { Context = AllTypes };
            Codec.For<T>().Write(writer, make());
            var reader = new ByteReader(writer.WrittenSpan, AllTypes);
            return Codec.For<T>().Read(ref reader);
        }
    }
}
