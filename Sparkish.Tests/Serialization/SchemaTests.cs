using Sparkish.Serialization;

namespace Sparkish.Tests.Serialization;

/// <summary>Versions of one row: as it was, and as it became.</summary>
public static class Versions
{
    public sealed record First(string Name, int Age);

    public sealed record Added(string Name, int Age, string City);

    public sealed record Removed(string Name);

    public sealed record Reordered(int Age, string Name);

    public sealed record Changed(string Name, long Age);

    public sealed record Same(string Name, int Age);

    [Extensible]
    public sealed record Old(string Name, int Age);

    [Extensible]
    public sealed record New(
        string Name, int Age, string City = "Paris", int Floors = 2, DayOfWeek? Day = DayOfWeek.Friday, Guid Id = default, decimal Rate = 1.5m);

    [Extensible]
    public sealed record Swapped(int Age, string Name);

    [Extensible]
    public readonly record struct OldPart(int X);

    [Extensible]
    public readonly record struct NewPart(int X, int Y = 7);

    public sealed record OldWhole(OldPart Part, string Name, List<Old> Children);

    public sealed record NewWhole(NewPart Part, string Name, List<New> Children);

    [Extensible]
    public sealed record HiddenState(int Value)
    {
        public int Extra { get; set; }
    }
}

public sealed class SchemaTests
{
    [Test]
    public void A_schema_says_what_lies_on_the_wire()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Codec.For<Person>().Schema, Is.EqualTo("open (Name: string, Age: int)"));
            Assert.That(Codec.For<Versions.First>().Schema, Is.EqualTo("(Name: string, Age: int)"));
            Assert.That(Codec.For<(string, int?)>().Schema, Is.EqualTo("struct (Item1: string, Item2: int?)"));
            Assert.That(Codec.For<Pixel>().Schema, Is.EqualTo("struct (X: int, Y: int)"));
            Assert.That(Codec.For<DayOfWeek>().Schema, Is.EqualTo("DayOfWeek(int)"));
            Assert.That(Codec.For<Dictionary<string, long[]>>().Schema, Is.EqualTo("map [struct (key: string, value: [long])]"));
            Assert.That(Codec.For<HashSet<Guid>>().Schema, Is.EqualTo("set [Guid]"));
            Assert.That(Codec.For<Tree>().Schema, Is.EqualTo("(Value: int, Left: #0, Children: [#0])"));
            Assert.That(Codec.For<object>().Schema, Is.EqualTo("graph of System.Object"));
            Assert.That(Codec.For<Token>().Schema, Is.EqualTo("Sparkish.Tests.Serialization.TokenCodec, Sparkish.Tests"));
        }
    }

    [Test]
    public void A_fingerprint_is_the_same_in_every_process_and_another_for_every_change()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Codec.FingerprintOf<int>(), Is.EqualTo(SchemaText.Fingerprint("int")));
            Assert.That(SchemaText.Fingerprint(""), Is.EqualTo(0xCBF29CE484222325));
            Assert.That(Codec.FingerprintOf<Versions.Same>(), Is.EqualTo(Codec.FingerprintOf<Versions.First>()));
            Assert.That(Codec.FingerprintOf<List<int>>(), Is.EqualTo(Codec.FingerprintOf<int[]>()), "they look alike on the wire");
            Assert.That(new[]
            {
                Codec.FingerprintOf<Versions.First>(), Codec.FingerprintOf<Versions.Added>(), Codec.FingerprintOf<Versions.Removed>(),
                Codec.FingerprintOf<Versions.Reordered>(), Codec.FingerprintOf<Versions.Changed>(), Codec.FingerprintOf<Person>(),
            }, Is.Unique);
        }
    }

    [Test]
    public void An_extensible_record_reads_older_and_newer_versions_of_itself()
    {
        var old = new Versions.Old("Ann", 41);
        var newer = new Versions.New("Bob", 19, "Rome", 5, null, Guid.NewGuid(), 2m);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(As<Versions.Old, Versions.New>(old), Is.EqualTo(new Versions.New("Ann", 41)));
            Assert.That(As<Versions.New, Versions.Old>(newer), Is.EqualTo(new Versions.Old("Bob", 19)));
            Assert.That(As<Versions.New, Versions.New>(newer), Is.EqualTo(newer));
        }
    }

    [Test]
    public void Extensible_parts_change_without_their_whole()
    {
        var old = new Versions.OldWhole(new Versions.OldPart(1), "whole", [new Versions.Old("a", 1), new Versions.Old("b", 2)]);

        var read = As<Versions.OldWhole, Versions.NewWhole>(old);
        var back = As<Versions.NewWhole, Versions.OldWhole>(read);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Part, Is.EqualTo(new Versions.NewPart(1)));
            Assert.That(read.Name, Is.EqualTo("whole"));
            Assert.That(read.Children, Is.EqualTo(new[] { new Versions.New("a", 1), new Versions.New("b", 2) }));
            Assert.That(back.Children, Is.EqualTo(old.Children));
        }
    }

    [Test]
    public void Members_of_an_extensible_record_stay_within_its_length()
    {
        var bytes = CodecTests.Bytes(new Versions.Old("Ann", 41));
        byte[] longer = [.. bytes];
        longer[1] = 200;

        Assert.That(() => CodecTests.Read<Versions.Old>(longer, null), Throws.TypeOf<SerializationException>());
        Assert.That(() => CodecTests.Read<Versions.Swapped>(bytes, null), Throws.TypeOf<SerializationException>(),
            "members may not be reordered; here it is found out by chance");
    }

    [Test]
    public void All_state_of_an_extensible_record_must_be_parameters_of_its_constructor() =>
        Assert.That(() => Codec.For<Versions.HiddenState>(), Throws.TypeOf<SerializationException>().With.Message.EndsWith("make Extra one."));

    private static TRead As<TWritten, TRead>(TWritten value)
    {
        var reader = new ByteReader(CodecTests.Bytes(value));
        var read = Codec.For<TRead>().Read(ref reader);
        Assert.That(reader.Remaining, Is.Zero);
        return read;
    }
}
