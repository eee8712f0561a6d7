#pragma warning disable MA0048, CA2229, CA1051, SYSLIB0050, SYSLIB0051 // small types with state of many kinds
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text.RegularExpressions;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>State that cannot be sent is refused, with its name: it is never left out in silence.</summary>
public sealed partial class LostStateTests
{
    private static readonly SerializationContext AllTypes = new() { Types = TypeBinder.Application };

    [InlineArray(4)]
    public struct Quad
    {
        public string? First;
    }

    [InlineArray(2)]
    public struct PairOfQuads
    {
        public Quad First;
    }

    public readonly record struct QuadRow(int Id, Quad Quad);

    public sealed record QuadRecord(PairOfQuads Quads, Quad[] More, Quad? Maybe);

    public sealed class ByCallback
    {
        [NonSerialized]
        private Dictionary<string, int> _index = [];
        private string[] _keys = [];

        public Dictionary<string, int> Index => _index;

        [OnSerializing]
        private void Save(StreamingContext context) => _keys = [.. _index.Keys];

        [OnDeserialized]
        private void Load(StreamingContext context) => _index = _keys.ToDictionary(static key => key, static key => 1, StringComparer.Ordinal);
    }

    public class ByInterface : IDeserializationCallback
    {
        [field: NonSerialized]
        public int Total { get; set; }

        public void OnDeserialization(object? sender) => Total = 1;
    }

    public sealed class DerivedFromInterface : ByInterface;

    public sealed record ByOldSerializer(string Name) : ISerializable
    {
        [NonSerialized]
        private readonly int _length = Name.Length;

        public int Length => _length;

        public void GetObjectData(SerializationInfo info, StreamingContext context) { }
    }

    public struct StructByCallback
    {
        public int Stored;

        [NonSerialized]
        public int Computed;

        [OnDeserialized]
        private void Load(StreamingContext context) => Computed = Stored;
    }

    public sealed class Cache
    {
        [field: NonSerialized]
        public int Hits { get; set; }
    }

    [Test]
    public void Rows_with_inline_arrays_of_references_keep_all_elements()
    {
        var row = new QuadRow(1, Make("a"));
        var quads = default(PairOfQuads);
        (quads[0], quads[1]) = (Make("b"), Make("c"));
        var record = new QuadRecord(quads, [Make("d")], Make("e"));

        var (rowCopy, recordCopy) = (Copy(row), Copy(record));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(rowCopy.Quad), Is.EqualTo("a0a1a2a3"));
            Assert.That(Text(recordCopy.Quads[0]) + Text(recordCopy.Quads[1]), Is.EqualTo("b0b1b2b3c0c1c2c3"));
            Assert.That(Text(recordCopy.More[0]) + Text(recordCopy.Maybe!.Value), Is.EqualTo("d0d1d2d3e0e1e2e3"));
        }
    }

    [Test]
    public void A_graph_refuses_an_inline_array_of_references_in_a_field_by_its_name()
    {
        Assert.That(() => ObjectSerializer.Serialize(new QuadRow(1, Make("a"))), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("Quad").And.Message.Contains("is an inline array of references and cannot be sent: use an array"));
    }

    [TestCaseSource(nameof(Rebuilt))]
    public void State_that_only_callbacks_of_old_serializers_make_again_is_refused(object value, string field, string rebuilder)
    {
        var message = $"{value.GetType()} cannot be sent: {field} is excluded from serialization, and {rebuilder}, which would rebuild it, is never called";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ObjectSerializer.Serialize(new[] { value }), Throws.TypeOf<SerializationException>().With.Message.Contains(message));
            Assert.That(() => WriteRow(value), Throws.TypeOf<SerializationException>().With.Message.Contains(message));
        }
    }

    [Test]
    public void A_field_that_is_marked_and_made_again_by_nobody_is_left_out_as_its_author_said()
    {
        Assert.That(Copy(new Cache { Hits = 5 }).Hits, Is.Zero);
    }

    [Test]
    public void A_changed_culture_is_refused_with_what_was_changed()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        var dates = new CultureInfo("de-DE") { DateTimeFormat = { FirstDayOfWeek = DayOfWeek.Sunday } };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ObjectSerializer.Serialize(new[] { culture }), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
                "[0]: the culture '' was modified (NumberFormat.NumberDecimalSeparator) but would be sent by name alone, so it cannot be sent: "
                    + "create and modify it inside the function."));
            Assert.That(() => Copy((1, dates)), Throws.TypeOf<SerializationException>().With.Message.Contains("'de-DE' was modified (DateTimeFormat.FirstDayOfWeek)"));
            Assert.That(Copy(new CultureInfo("de-DE")), Is.EqualTo(CultureInfo.GetCultureInfo("de-DE")));
        }
    }

    [Test]
    public void A_comparer_behind_an_interface_that_would_be_lost_is_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Copy<ICollection<string>>(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" }), Throws.TypeOf<SerializationException>()
                .With.Message.Contains("with a comparer is declared as an interface that is read as an array or list"));
            Assert.That(() => Copy<IReadOnlySet<string>>(new SortedSet<string>()), Throws.TypeOf<SerializationException>().With.Message.Contains("has no fixed schema"));
            Assert.That(() => Copy<IDictionary<string, int>>(new Dictionary<string, int>(StringComparer.Create(CultureInfo.GetCultureInfo("de-DE"), true))),
                Throws.TypeOf<SerializationException>().With.Message.Contains("has no fixed schema"));
        }
    }

    [Test]
    public void An_address_that_its_text_does_not_make_is_refused()
    {
        var address = new Uri("http://h/%41", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        Assert.That(() => Copy(address), Throws.TypeOf<SerializationException>().With.Message.Contains("send a string"));
    }

    [Test]
    public void A_regular_expression_made_at_build_time_arrives_as_one()
    {
        using var sc = LocalContext.Start();
        var digits = Digits();

        var found = sc.Parallelize(["a12"]).Map(text => digits.Match(text).Value).Collect();

        Assert.That(found, Is.EqualTo(new[] { "12" }));
    }

    private static IEnumerable<TestCaseData> Rebuilt() =>
    [
        new(new ByCallback(), "_index", "Save"),
        new(new ByInterface(), "Total", nameof(IDeserializationCallback)),
        new(new DerivedFromInterface(), "Total", nameof(IDeserializationCallback)),
        new(new ByOldSerializer("a"), "_length", nameof(ISerializable)),
        new(default(StructByCallback), "Computed", "Load"),
    ];

    private static Quad Make(string prefix)
    {
        var quad = default(Quad);
        for (var i = 0; i < 4; i++) quad[i] = $"{prefix}{i}";
        return quad;
    }

    private static string Text(Quad quad) => quad[0] + quad[1] + quad[2] + quad[3];

    private static void WriteRow(object value) => typeof(LostStateTests).GetMethod(nameof(Copy), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(value.GetType()).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value], null);

    private static T Copy<T>(T value)
    {
        var writer = new ByteWriter { Context = AllTypes };
        Codec.For<T>().Write(writer, value);
        var reader = new ByteReader(writer.WrittenSpan, AllTypes);
        return Codec.For<T>().Read(ref reader);
    }

    [GeneratedRegex(@"\d+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits();
}
