using System.Diagnostics;
using System.Runtime.InteropServices;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

public record Person(string Name, int Age);

public sealed record Student(string Name, int Age, string School) : Person(Name, Age);

public sealed record Session(string User)
{
    [System.Runtime.Serialization.IgnoreDataMember]
    public string? Note { get; init; }
}

public sealed class Account
{
    private readonly List<decimal> _bookings = [];
    private decimal _balance;

    [NonSerialized]
    private int _calls;

    public int Calls => _calls;

    public decimal Balance => _balance;

    public IReadOnlyList<decimal> Bookings => _bookings;

    public void Book(decimal amount)
    {
        _calls++;
        _balance += amount;
        _bookings.Add(amount);
    }
}

public class RowSettings
{
    public string? Name { get; set; }

    public int Retries { get; set; } = 3;

    public bool IsOn { get; init; }
}

public sealed record Increased(int Value)
{
    public int Value { get; } = Value + 1;
}

public sealed class Shouting(string name)
{
    private readonly string _name = name;

    public string Name => _name.ToUpperInvariant();

    public string Raw() => _name;
}

public record struct Padded(byte Flag, long Value, bool IsSet, decimal Amount);

public readonly record struct Pixel(int X, int Y);

[StructLayout(LayoutKind.Explicit)]
public struct Overlapping
{
    [FieldOffset(0)]
    public int Whole;

    [FieldOffset(2)]
    public short High;
}

[CodecType(typeof(MarkedCodec))]
public readonly record struct Marked(byte Value);

public readonly record struct MarkedPair(Marked First, Marked Second);

public sealed class MarkedCodec : Codec<Marked>
{
    public override void Write(ByteWriter writer, in Marked value) => writer.WriteByte((byte)(value.Value + 100));

    public override Marked Read(ref ByteReader reader) => new((byte)(reader.ReadByte() - 100));
}

public sealed record Wide(Pixel At, Padded Padded, (string? Name, int Number) Pair, DateTime? When, Person? Owner, DayOfWeek Day, Guid Id, char Letter);

public sealed record Chain(int Value)
{
    public Chain? Next { get; set; }
}

public sealed record Holder(string Name, object? Content);

public sealed record Nest(Holder Inner, List<Holder> Others);

#pragma warning disable MA0055 // types with finalizers are what is tested
public sealed class FinalizedRow(int value)
{
    ~FinalizedRow() => Value = 0;

    public int Value { get; private set; } = value;
}
#pragma warning restore MA0055

public sealed class RecordCodecTests
{
    [Test]
    public void A_member_that_is_marked_to_be_ignored_is_left_out()
    {
        var copy = CodecTests.Copy(new Session("ada") { Note = "secret" });

        Assert.That(copy, Is.EqualTo(new Session("ada")));
        Assert.That(Codec.For<Session>().Schema, Does.Not.Contain("Note"));
    }

    [Test]
    public void A_record_that_is_not_sealed_goes_by_its_members_and_what_derives_from_it_as_a_graph()
    {
        Person[] people = [new Person("Ann", 41), new Student("Bob", 19, "MIT"), null!];

        var copies = CodecTests.Copy(people);

        Assert.That(copies, Is.EqualTo(people));
        Assert.That(CodecTests.Bytes(people[0]), Has.Length.EqualTo(1 + 4 + 4));
        Assert.That(() => CodecTests.Read<Person>(CodecTests.Bytes(people[1]), null), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("accepts no user types"));
    }

    [Test]
    public void A_graph_in_place_of_a_derived_type_must_be_of_one()
    {
        byte[] same = [2, .. ObjectSerializer.Serialize(new Person("Ann", 41))];
        byte[] other = [2, .. ObjectSerializer.Serialize("Ann")];

        Assert.That(() => CodecTests.Read<Person>(same, CodecTests.User), Throws.TypeOf<SerializationException>().With.Message.Contains("derives from"));
        Assert.That(() => CodecTests.Read<Person>(other, CodecTests.User), Throws.TypeOf<SerializationException>()
            .With.Message.EqualTo("The input holds a System.String where a Sparkish.Tests.Serialization.Person is expected."));
    }

    [Test]
    public void Private_state_comes_back_and_what_is_not_serialized_does_not()
    {
        var account = new Account();
        account.Book(12.50m);
        account.Book(-1m);

        var copy = CodecTests.Copy(account)!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(copy.Balance, Is.EqualTo(11.50m));
            Assert.That(copy.Bookings, Is.EqualTo(account.Bookings));
            Assert.That(copy.Calls, Is.Zero);
        }
    }

    [Test]
    public void Settable_and_init_members_come_back()
    {
        var copy = CodecTests.Copy(new RowSettings { Name = "n", Retries = 7, IsOn = true })!;

        Assert.That((copy.Name, copy.Retries, copy.IsOn), Is.EqualTo(("n", 7, true)));
    }

    [Test]
    public void A_constructor_or_a_property_that_changes_what_it_is_given_changes_no_row()
    {
        var increased = new Increased(1);
        var shouting = new Shouting("quiet");

        Assert.That(CodecTests.Copy(CodecTests.Copy(increased))!.Value, Is.EqualTo(2));
        Assert.That(CodecTests.Copy(shouting)!.Raw(), Is.EqualTo("quiet"));
    }

    [FsCheck.NUnit.Property]
    public bool Members_of_all_kinds_come_back(int x, byte flag, bool isSet, decimal amount, string? name, DateTime? when, DayOfWeek day, Guid id, char letter)
    {
        var row = new Wide(new Pixel(x, ~x), new Padded(flag, x, isSet, amount), (name, x), when, new Person("a", x), day, id, letter);
        Wide[] rows = [row, row with { Owner = new Student("s", x, "t") }, row with { Owner = null }];

        return CodecTests.Copy(row) == row && CodecTests.Copy(rows)!.SequenceEqual(rows);
    }

    [Test]
    public void Gaps_between_the_members_of_a_struct_are_not_written()
    {
        Assert.That(CodecTests.Bytes(new Padded(1, 2, IsSet: true, 3m)), Has.Length.EqualTo(1 + 8 + 1 + 16));
        Assert.That(CodecTests.Bytes((1, 2L)), Has.Length.EqualTo(4 + 8));
        Assert.That(CodecTests.Bytes(new[] { new Pixel(1, 2), new Pixel(3, 4) }), Has.Length.EqualTo(1 + 16));
        Assert.That(CodecTests.Copy(new Overlapping { Whole = 0x12345678 }).High, Is.EqualTo(0x1234));
    }

    [Test]
    public void What_is_copied_as_a_block_lies_in_the_order_of_its_members()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CodecTests.Bytes(((byte)1, (byte)2, (byte)3)), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(CodecTests.Bytes((1, 2)), Is.EqualTo(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 }));
            Assert.That(CodecTests.Bytes((1, 2, 3L)), Is.EqualTo(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0 }), "not in the order of memory");
            Assert.That(CodecTests.Bytes(new Pixel(1, 2)), Is.EqualTo(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 }));
            Assert.That(CodecTests.Bytes((new Pixel(1, 2), new Marked(7))),
                Is.EqualTo(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0, 107 }), "a named codec is used inside of structs");
            Assert.That(CodecTests.Bytes(new MarkedPair(new Marked(1), new Marked(2))), Is.EqualTo(new byte[] { 101, 102 }));
        }
    }

    [Test]
    public void A_bit_pattern_that_is_no_value_is_an_error_inside_of_structs_too()
    {
        var bytes = CodecTests.Bytes((1, true));
        bytes[^1] = 2;

        Assert.That(() => CodecTests.Read<(int, bool)>(bytes, null), Throws.TypeOf<SerializationException>());
        Assert.That(() => CodecTests.Read<TimeOnly>([255, 255, 255, 255, 255, 255, 255, 255], null), Throws.TypeOf<SerializationException>());
        Assert.That(() => CodecTests.Read<DateTimeOffset>([255, 255, 255, 255, 255, 255, 255, 255, 0, 0], null), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void A_row_that_holds_itself_is_an_error_and_the_writer_is_as_before()
    {
        var chain = new Chain(1);
        chain.Next = new Chain(2) { Next = chain };
        var writer = new ByteWriter();

        Assert.That(() => Codec.For<Chain>().Write(writer, chain), Throws.TypeOf<SerializationException>().With.Message.Contains("nests"));
        writer.Clear();
        Codec.For<Chain>().WriteAll(writer, [new Chain(3) { Next = new Chain(4) }]);

        Assert.That(CodecTests.Read<Chain>(writer.ToArray(), null).Next!.Value, Is.EqualTo(4));
    }

    [Test]
    public void What_may_not_be_sent_is_refused_with_the_path_to_it()
    {
        var row = new Nest(new Holder("a", 1), [new Holder("b", null), new Holder("c", new Process())]);

        Assert.That(() => CodecTests.Bytes(row), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Nest.Others[1].Content: System.Diagnostics.Process cannot be sent"));
        Assert.That(() => CodecTests.Bytes(new[] { row }), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Nest[0].Others[1].Content: System.Diagnostics.Process cannot be sent"));
    }

    [Test]
    public void Types_with_rules_of_their_own_are_left_to_graphs()
    {
        Assert.That(Codec.For<FinalizedRow>().Schema, Does.StartWith("graph"));
        Assert.That(Codec.For<Action>().Schema, Does.StartWith("graph"));
        Assert.That(Codec.For<IComparable>().Schema, Does.StartWith("graph"));
        Assert.That(Codec.For<Process>().Schema, Does.StartWith("graph"));
    }

    [FsCheck.NUnit.Property]
    public bool Texts_come_back_with_every_code_unit(string? text, char[] units)
    {
        var (broken, pair) = (new string(units) + '\uD800' + text, '\uD83D' + text + '\uDE00');
        return CodecTests.Copy(text) == text && CodecTests.Copy(broken) == broken
            && CodecTests.Copy(pair) == pair && CodecTests.Copy(new string(units)) == new string(units);
    }

    [Test]
    public void Texts_of_every_length_come_back()
    {
        for (var length = 0; length < 700; length++)
        {
            var plain = new string('x', length);
            foreach (
                var text in new[] { plain, plain + 'é', 'é' + plain, plain + '\uDC00',
                    '\uD800' + plain, plain + "\U0001F600" + plain, plain + '\uDC00' + '\uD800' })
                Assert.That(CodecTests.Copy(text), Is.EqualTo(text), $"{length}");
        }
    }

    [Test]
    public void A_text_that_is_no_UTF8_is_an_error_and_is_not_replaced()
    {
        byte[][] invalid = [
            [2, 0xFF], [3, 0xC0, 0x80], [4, 0xED, 0xA0, 0x20], [3, 0xED, 0xA0], [7, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [5, 0xF8, 0x80, 0x80, 0x80]];
        var longer = new byte[402];
        CodecTests.Bytes(new string('x', 400)).CopyTo(longer, 0);
        longer[300] = 0xFF;

        foreach (var bytes in invalid.Append(longer))
            Assert.That(() => CodecTests.Read<string>(bytes, null), Throws.TypeOf<SerializationException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void A_batch_of_rows_takes_no_memory_beyond_the_rows()
    {
        var rows = Enumerable.Range(0, 1000).Select(i => (Name: $"name {i}", Number: i, At: new DateTime(i, DateTimeKind.Utc))).ToArray();
        var codec = Codec.For<(string, int, DateTime)>();
        var writer = new ByteWriter(1 << 20);
        var copies = new (string, int, DateTime)[rows.Length];
        for (var warm = 0; warm < 3; warm++) Measure(out _, out _);

        Measure(out var written, out var read);

        Assert.That(copies, Is.EqualTo(rows));
        Assert.That(written, Is.Zero);
        Assert.That(read, Is.EqualTo(rows.Sum(row => TextBytes(row.Name))));

        void Measure(out long written, out long read)
        {
            writer.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            codec.WriteAll(writer, rows);
            written = GC.GetAllocatedBytesForCurrentThread() - before;
            var reader = new ByteReader(writer.WrittenSpan);
            before = GC.GetAllocatedBytesForCurrentThread();
            codec.ReadAll(ref reader, copies);
            read = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        static long TextBytes(string text)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            GC.KeepAlive(new string('\0', text.Length));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
