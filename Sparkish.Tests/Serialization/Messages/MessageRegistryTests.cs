using System.Reflection;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Serialization.Messages;

/// <summary>Registration of messages, and their bytes as an env of another package writes and reads them.</summary>
internal sealed class MessageRegistryTests
{
    [Test]
    public void A_message_is_written_and_read_by_its_registered_number()
    {
        var registry = new MessageRegistry().Add<Text>(100);
        var writer = new ByteWriter();

        Assert.That(registry.TryGet(typeof(Text), out var written), Is.True);
        writer.WriteCount(written!.Id);
        written.Write(writer, new Text("hello"));
        var reader = new ByteReader(writer.WrittenSpan);
        Assert.That(registry.TryGet(reader.ReadCount(minBytesEach: 0), out var read), Is.True);

        Assert.That(read!.Read(ref reader), Is.EqualTo(new Text("hello")));
    }

    [Test]
    public void An_unknown_type_or_number_is_not_found()
    {
        var registry = new MessageRegistry().Add<Text>(100);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.TryGet(typeof(Uri), out _), Is.False);
            Assert.That(registry.TryGet(101, out _), Is.False);
            Assert.That(registry.TryGet(-1, out _), Is.False);
            Assert.That(() => registry.TryGet(null!, out _), Throws.ArgumentNullException);
        }
    }

    [Test]
    public void A_message_of_another_type_is_refused_by_name()
    {
        new MessageRegistry().Add<Text>(100).TryGet(100, out var text);

        Assert.That(() => text!.Write(new ByteWriter(), "hello"),
            Throws.ArgumentException.With.Message.StartsWith($"Message 100 is a {typeof(Text)}, not a System.String."));
    }

    [Test]
    public void Null_where_a_message_is_expected_is_an_error()
    {
        new MessageRegistry().Add<Text>(100).TryGet(100, out var text);

        Assert.That(() => Read(text!, [0]), Throws.TypeOf<SerializationException>().With.Message.Contains("null where message 100"));
    }

    [Test]
    public void A_number_or_type_that_is_taken_is_refused_and_nothing_changes()
    {
        var registry = new MessageRegistry().Add<Text>(100);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => registry.Add<Uri>(100), Throws.ArgumentException.With.Message.StartsWith($"Message number 100 is taken by {typeof(Text)}"));
            Assert.That(() => registry.Add<Text>(101), Throws.ArgumentException.With.Message.StartsWith($"{typeof(Text)} has message number 100 already"));
            Assert.That(() => registry.Add<Uri>(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => registry.Add<Uri>(-5), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(registry.Types.Select(type => type.Id), Is.EqualTo(new[] { 1, 2, 3, 4, 100 }));
        }
    }

    [Test]
    public void An_assembly_is_registered_in_the_order_of_its_numbers()
    {
        var assembly = Compile("""
            [Message(300)] public sealed record Last(int Number);
            [Message(200)] internal sealed record Hidden(string Text);
            [Message(100)] public struct First { public int Number; }
            [Message(250)] public enum Level { Low, High }
            public static class Outer { [Message(150)] private sealed record Nested(List<string> Texts); }
            public sealed record Unnumbered;
            """);

        var registry = new MessageRegistry().AddAssembly(assembly);

        Assert.That(registry.Types.Skip(4).Select(type => (type.Id, type.Type.Name)),
            Is.EqualTo(new[] { (100, "First"), (150, "Nested"), (200, "Hidden"), (250, "Level"), (300, "Last") }));
    }

    [Test]
    public void A_type_that_derives_from_a_numbered_one_has_no_number()
    {
        var assembly = Compile("[Message(100)] public record Base(int Number); public record Derived(int Number, int Other) : Base(Number);");

        var registry = new MessageRegistry().AddAssembly(assembly);

        Assert.That(registry.Types.Skip(4).Select(type => type.Type.Name), Is.EqualTo(new[] { "Base" }));
    }

    [Test]
    public void An_assembly_without_messages_adds_nothing() =>
        Assert.That(new MessageRegistry().AddAssemblyOf<string>().Types.Select(type => type.Id), Is.EqualTo(new[] { 1, 2, 3, 4 }));

    [TestCase("[Message(100)] public record A; [Message(100)] public record B;", "B cannot be message 100: the number is taken by A")]
    [TestCase("[Message(99)] public record A;", "A cannot be message 99: numbers up to 99 are reserved")]
    [TestCase("[Message(4)] public record A;", "A cannot be message 4: numbers up to 99 are reserved")]
    [TestCase("[Message(0)] public record A;", "A cannot be message 0: a number must be positive")]
    [TestCase("[Message(-7)] public record A;", "A cannot be message -7: a number must be positive")]
    [TestCase("[Message(100)] public record A<T>(T Value);", "A`1[T] cannot be message 100: it is generic")]
    [TestCase("public class O<T> { [Message(100)] public record A; }", "O`1+A[T] cannot be message 100: it is generic")]
    [TestCase("[Message(100)] public abstract record A;", "A cannot be message 100: it is abstract: number the types that derive from it")]
    [TestCase("[Message(100)] public static class A { }", "A cannot be message 100: it is static and has no instances")]
    [TestCase("[Message(100)] public ref struct A { }", "A cannot be message 100: it is a ref struct")]
    [TestCase("[Message(100)] public class A : Exception { }", "A cannot be message 100: it has no fixed schema: use a record")]
    [TestCase("[Message(100)] public class A : List<int> { }", "A cannot be message 100: it has no fixed schema")]
    [TestCase("[Message(100)] public class A { ~A() { } }", "A cannot be message 100: it has no fixed schema")]
    [TestCase("[Message(100)] public unsafe struct A { public int* Pointer; }", "A cannot be message 100: A holds a pointer")]
    [TestCase("[Message(100), CodecType(typeof(string))] public record A;",
        "A cannot be message 100: System.String is named as the codec of A but is not a Codec<A>")]
    public void A_type_that_cannot_be_a_message_is_refused_with_its_number(string source, string refusal)
    {
        var assembly = Compile("[Message(101)] public sealed record Good(int Number); " + source);
        var registry = new MessageRegistry();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => registry.AddAssembly(assembly), Throws.ArgumentException.With.Message.StartsWith(refusal));
            Assert.That(registry.Types.Select(type => type.Id), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        }
    }

    [Test]
    public void An_assembly_is_registered_once()
    {
        var assembly = Compile("[Message(100)] public record A;");
        var registry = new MessageRegistry().AddAssembly(assembly);

        Assert.That(() => registry.AddAssembly(assembly),
            Throws.ArgumentException.With.Message.StartsWith("A cannot be message 100: it is registered already, under 100"));
    }

    [Test]
    public void A_number_that_was_added_by_hand_is_taken_for_an_assembly()
    {
        var registry = new MessageRegistry().Add<Text>(100);

        Assert.That(() => registry.AddAssembly(Compile("[Message(100)] public record A;")),
            Throws.ArgumentException.With.Message.StartsWith($"A cannot be message 100: the number is taken by {typeof(Text)}"));
    }

    [Test]
    public void Numbers_of_an_assembly_are_the_ones_that_an_env_writes()
    {
        var assembly = Compile("[Message(777)] public sealed record A(int Number);");
        var message = Activator.CreateInstance(assembly.GetType("A")!, 5)!;
        var writer = new ByteWriter();

        new MessageFormat(new MessageRegistry().AddAssembly(assembly)).Write(writer, message, new SerializationContext());

        Assert.That(new ByteReader(writer.WrittenSpan).ReadCount(minBytesEach: 0), Is.EqualTo(777));
    }

    private static object Read(MessageType type, byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        return type.Read(ref reader);
    }

    private static Assembly Compile(string source) => new CompiledApp(source).Assembly;

    private sealed record Text(string Value);
}
