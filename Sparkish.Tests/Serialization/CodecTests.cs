using Sparkish.Serialization;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

public sealed record Point(int X, double Y);

public sealed record Named(string? Name, IReadOnlyList<Point> Points, DayOfWeek Day)
{
    public required long Stamp { get; init; }

    public int? Extra { get; set; }
}

public readonly record struct Id(string Value);

public sealed record Tree(int Value, Tree? Left, IReadOnlyList<Tree> Children);

public sealed record Positive(int Value)
{
    public int Value { get; } = Value > 0 ? Value : throw new ArgumentException("must be positive");
}

public abstract record Command(string Name)
{
    public abstract int Size { get; }
}

internal sealed record Launch(string Name, int Cores, string[] Arguments) : Command(Name)
{
    public override int Size => Cores;

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

public abstract record Shape;

public sealed record Circle(double Radius) : Shape;

[CodecType(typeof(TokenCodec))]
public class Token(string text)
{
    public string Text { get; } = text;
}

public sealed class SubToken(string text) : Token(text);

public sealed class OtherToken(string text) : Token(text);

public sealed class TokenCodec : Codec<Token>
{
    public override void Write(ByteWriter writer, in Token value) => writer.WriteString(value.Text);

    public override Token Read(ref ByteReader reader) => new SubToken(reader.ReadString()!);
}

public sealed class CodecTests
{
    internal static readonly SerializationContext User = new() { Types = TypeBinder.Application, Trust = Trust.Own };

    [FsCheck.NUnit.Property]
    public bool Values_without_references_come_back(int a, long b, double c, Guid d, DateTime e, decimal f, TimeSpan g, char h, byte i) =>
        Same(a) && Same(b) && Same(c) && Same(d) && Same(e) && Same(f) && Same(g) && Same(h) && Same(i) && Same((a, b, d)) && Same((DayOfWeek)a);

    [FsCheck.NUnit.Property]
    public bool Strings_arrays_and_lists_come_back(string? a, string?[] b, int[] c, int?[] d, List<(string?, int)> e) =>
        Same(a) && Copy(b)!.SequenceEqual(b) && Copy(c)!.SequenceEqual(c) && Copy(d)!.SequenceEqual(d) && Copy(e)!.SequenceEqual(e);

    [FsCheck.NUnit.Property]
    public bool Tuples_and_maps_come_back(string? a, int b, int? c, Dictionary<int, string?> d) =>
        Same((a, b)) && Same((b, a, c)) && Same((a, a, b, b, c, c, a)) && Same((a, a, b, b, c, c, a, 8)) && Copy(d)!.SequenceEqual(d)
        && Copy<IReadOnlyDictionary<int, string?>>(d)!.OrderBy(entry => entry.Key).SequenceEqual(d.OrderBy(entry => entry.Key));

    [FsCheck.NUnit.Property]
    public bool Records_come_back(string? name, int x, double y, DayOfWeek day, long stamp, int? extra)
    {
        var record = new Named(name, [new Point(x, y), new Point(y > 0 ? 1 : 0, x)], day) { Stamp = stamp, Extra = extra };

        var copy = Copy(record)!;

        return copy.Points.SequenceEqual(record.Points) && copy with { Points = record.Points } == record;
    }

    [FsCheck.NUnit.Property]
    public bool Random_bytes_are_an_error_or_a_value(byte[] bytes) =>
        IsHandled<Named>(bytes) && IsHandled<Tree>(bytes) && IsHandled<List<(string, int)>>(bytes) && IsHandled<Dictionary<string, decimal?>>(bytes)
        && IsHandled<long[]>(bytes) && IsHandled<Uri>(bytes) && IsHandled<object>(bytes) && IsHandled<Positive>(bytes);

    [Test]
    public void A_tree_of_records_comes_back()
    {
        var tree = new Tree(1, new Tree(2, null, []), [new Tree(3, null, []), new Tree(4, new Tree(5, null, []), [])]);

        var copy = Copy(tree)!;

        Assert.That(copy.Left!.Value, Is.EqualTo(2));
        Assert.That(copy.Children.Select(child => child.Value), Is.EqualTo(new[] { 3, 4 }));
        Assert.That(copy.Children[1].Left!.Value, Is.EqualTo(5));
    }

    [Test]
    public void A_record_that_derives_from_another_needs_no_user_types()
    {
        var launch = new Launch("run", 4, ["a", "b"]) { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["K"] = "V" } };

        var copy = Read<Launch>(Bytes(launch), null);

        Assert.That(copy.Environment, Is.EqualTo(launch.Environment));
        Assert.That(copy.Arguments, Is.EqualTo(launch.Arguments));
        Assert.That(copy with { Environment = launch.Environment, Arguments = launch.Arguments }, Is.EqualTo(launch));
    }

    [Test]
    public void Null_and_empty_stay_apart()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy<string?>(null), Is.Null);
            Assert.That(Copy(""), Is.Empty);
            Assert.That(Copy<int[]?>(null), Is.Null);
            Assert.That(Copy<int[]>([]), Is.Empty);
            Assert.That(Copy<Point?>(null), Is.Null);
            Assert.That(Copy<List<string>?>(null), Is.Null);
            Assert.That(Copy<int?>(null), Is.Null);
            Assert.That(Copy<Uri?>(null), Is.Null);
            Assert.That(Copy(new Uri("http://a/b?c")), Is.EqualTo(new Uri("http://a/b?c")));
            Assert.That(Copy(new Id("w1")), Is.EqualTo(new Id("w1")));
            Assert.That(Copy(new KeyValuePair<string, int>("k", 3)), Is.EqualTo(new KeyValuePair<string, int>("k", 3)));
        }
    }

    [Test]
    public void A_dictionary_keeps_a_comparer_of_strings()
    {
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 };

        Assert.That(Copy(map)!["kEY"], Is.EqualTo(1));
    }

    [Test]
    public void A_named_codec_serves_its_type_and_all_that_derive_from_it()
    {
        Assert.That(Copy(new Token("a"))!.Text, Is.EqualTo("a"));
        Assert.That(Copy(new SubToken("b"))!.Text, Is.EqualTo("b"));
        Assert.That(((Token)Copy<object>(new OtherToken("c"))!).Text, Is.EqualTo("c"));
    }

    [Test]
    public void A_type_with_open_ends_goes_as_a_graph_and_only_where_user_types_are_accepted()
    {
        var bytes = Bytes<Shape>(new Circle(2));

        Assert.That(Read<Shape>(bytes, User), Is.EqualTo(new Circle(2)));
        Assert.That(() => Read<Shape>(bytes, null), Throws.TypeOf<SerializationException>().With.Message.Contains("accepts no user types"));
    }

    [Test]
    public void A_type_with_pointers_is_refused()
    {
        Assert.That(() => Codec.For<nint>(), Throws.TypeOf<SerializationException>());
        Assert.That(() => Codec.For<(int, nint)>(), Throws.TypeOf<SerializationException>());
        Assert.That(() => Codec.For<List<nint>>(), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Bytes_that_are_no_value_are_an_error()
    {
        Assert.That(() => Read<bool>([2], null), Throws.TypeOf<SerializationException>());
        Assert.That(() => Read<DateTime>([255, 255, 255, 255, 255, 255, 255, 255], null), Throws.TypeOf<SerializationException>());
        Assert.That(() => Read<Positive>([1, 0, 0, 0, 0], null), Throws.TypeOf<SerializationException>().With.Message.Contains("must be positive"));
        Assert.That(() => Read<long[]>([255, 255, 255, 255, 7], null), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Nesting_without_end_is_an_error_on_both_sides()
    {
        var tree = new Tree(0, null, []);
        for (var i = 0; i < 5000; i++) tree = new Tree(i, tree, []);
        byte[] hostile = [.. Enumerable.Repeat<byte[]>([1, 0, 0, 0, 0], 100_000).SelectMany(part => part)];

        Assert.That(() => Bytes(tree), Throws.TypeOf<SerializationException>().With.Message.Contains("nests"));
        Assert.That(() => Read<Tree>(hostile, null), Throws.TypeOf<SerializationException>().With.Message.Contains("nests"));
    }

    [Test]
    public void Every_corrupt_byte_of_a_record_is_an_error_or_a_value()
    {
        var record = new Named("name", [new Point(1, 2), new Point(3, 4)], DayOfWeek.Friday) { Stamp = 5, Extra = 6 };
        var bytes = Bytes(record);

        for (var i = 0; i < bytes.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] = (byte)value;
                Assert.That(IsHandled<Named>(corrupt));
            }

            Assert.That(IsHandled<Named>(bytes[..i]));
        }
    }

    internal static byte[] Bytes<T>(T value)
    {
        var writer = new ByteWriter();
        Codec.For<T>().Write(writer, value);
        return writer.ToArray();
    }

    internal static T Read<T>(byte[] bytes, SerializationContext? context)
    {
        var reader = new ByteReader(bytes, context);
        return Codec.For<T>().Read(ref reader);
    }

    internal static T? Copy<T>(T value) => Read<T>(Bytes(value), User);

    private static bool Same<T>(T value) => EqualityComparer<T>.Default.Equals(Copy(value), value);

    private static bool IsHandled<T>(byte[] bytes)
    {
        try
        {
            Read<T>(bytes, User);
            return true;
        }
        catch (SerializationException)
        {
            return true;
        }
    }
}
