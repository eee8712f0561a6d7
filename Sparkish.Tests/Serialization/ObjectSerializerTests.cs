#pragma warning disable CA1051 // fields are what is tested
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sparkish.Serialization;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

public class Node
{
    public string? Name;
    public Node? Next;
    public List<Node> All = [];
    public object? Any;
    [NonSerialized]
    public object? Local;
}

public sealed class AppException(string message, int code) : Exception(message)
{
    public int Code { get; } = code;
}

public sealed class HandleException(string message) : Exception(message)
{
    public Stream Stream { get; } = Stream.Null;
}

public sealed class BadHash
{
    [NonSerialized]
    private readonly string _text = "text";

    public override int GetHashCode() => _text.Length;

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);
}

public sealed class ObjectSerializerTests
{
    [FsCheck.NUnit.Property]
    public bool Graphs_keep_their_shape(string?[] names, int[] links)
    {
        var nodes = names.Select(name => new Node { Name = name }).ToArray();
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].Next = links.Length == 0 ? null : nodes[(int)((uint)links[i % links.Length] % nodes.Length)];
            nodes[i].All = i == 0 ? [.. nodes] : nodes[0].All;
            nodes[i].Any = links.Length > i ? links[i] : nodes;
        }

        var copy = Copy(nodes);

        return copy.Length == nodes.Length && nodes.Select((node, i) => SameShape(node, copy[i], nodes, copy)).All(same => same);
    }

    [FsCheck.NUnit.Property]
    public bool Random_bytes_are_an_error_or_a_graph(byte[] bytes) =>
        IsHandled(bytes) && IsHandled([(byte)NodeTag.Object, .. bytes]) && IsHandled([4, .. bytes]);

    [Test]
    public void Plain_values_come_back_with_their_types()
    {
        object?[] values =
        [
            null, true, (byte)1, (short)2, 3, 4L, 5f, 6d, 'c', "text", 7.5m, DayOfWeek.Friday,
                Guid.NewGuid(), new DateTime(2025, 1, 2), TimeSpan.FromSeconds(1), new DateOnly(2025, 1, 2),
            (Int128)9, new System.Numerics.BigInteger(10), new Uri("http://a/b"), new Version(1, 2),
                (1, "a"), Tuple.Create(1, "b"), new KeyValuePair<int, string>(1, "c"), (int?)4, 1..2,
        ];

        Assert.That(Copy(values), Is.EqualTo(values));
    }

    [Test]
    public void Collections_come_back_with_their_comparers()
    {
        var map = Copy(new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1, ["b"] = null });
        var set = Copy(new SortedSet<int>(Comparer<int>.Create((a, b) => b - a)) { 1, 3, 2 });
        var queue = Copy(new Queue<string>(["a", "b"]));
        var nested = Copy(new List<(string, int[])> { ("a", [1, 2]), ("b", [3]) });
        var jagged = Copy<object>(new[] { new[] { 1.5, 2 }, [3] });
        var list = Copy(System.Collections.Immutable.ImmutableList.Create(1, 2, 3));
        var array = Copy(System.Collections.Immutable.ImmutableArray.Create("a", "b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(map["a"], Is.EqualTo(1));
            Assert.That(set, Is.EqualTo(new[] { 3, 2, 1 }));
            Assert.That(set.Add(5) ? set.Max : 0, Is.EqualTo(1));
            Assert.That(queue.Dequeue(), Is.EqualTo("a"));
            Assert.That(nested[1].Item2, Is.EqualTo(new[] { 3 }));
            Assert.That(jagged, Is.EqualTo(new[] { new[] { 1.5, 2 }, [3] }));
            Assert.That(list, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(array, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(Copy(new StringBuilder("sb")).ToString(), Is.EqualTo("sb"));
            Assert.That(Copy(new Regex("a+", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(5))).IsMatch("xA"), Is.True);
            Assert.That(Copy(CultureInfo.InvariantCulture), Is.EqualTo(CultureInfo.InvariantCulture));
            Assert.That(Copy(new Random(5)).Next(), Is.EqualTo(new Random(5).Next()));
        }
    }

    [Test]
    public void A_field_marked_so_is_left_out()
    {
        Assert.That(Copy(new Node { Name = "a", Local = new MemoryStream() }).Local, Is.Null);
    }

    [Test]
    public void An_exception_comes_back_with_type_fields_and_stack()
    {
        var thrown = Thrown(() => throw new AppException("told", 7));
        var wrapped = new AggregateException("several", thrown, new ArgumentOutOfRangeException("size", 5, "too small"));

        var copy = Copy(wrapped);

        Assert.That(copy.Message, Is.EqualTo(wrapped.Message));
        Assert.That(copy.InnerExceptions[0], Is.SameAs(copy.InnerException).Or.TypeOf<AppException>());
        Assert.That(((AppException)copy.InnerException!).Code, Is.EqualTo(7));
        Assert.That(copy.InnerException!.StackTrace, Does.Contain(nameof(An_exception_comes_back_with_type_fields_and_stack)));
        Assert.That(((ArgumentOutOfRangeException)copy.InnerExceptions[1]).ActualValue, Is.EqualTo(5));
        Assert.That(Copy(new OperationCanceledException("off", CancellationToken.None)).Message, Is.EqualTo("off"));
        Assert.That(() => throw Copy(thrown), Throws.TypeOf<AppException>());
    }

    [Test]
    public void An_exception_that_cannot_be_made_here_arrives_as_a_remote_one()
    {
        var foreign = ObjectSerializer.Serialize(Thrown(() => throw new AppException("told", 7)));
        var binder = new TypeBinder(name => name.Name is "Sparkish.Tests" ? null : System.Reflection.Assembly.Load(name));

        var withHandle = Copy<Exception>(new HandleException("with a handle"));
        var elsewhere = ObjectSerializer.Deserialize<Exception>(foreign, new SerializationContext { Types = binder });

        Assert.That(withHandle, Is.TypeOf<RemoteException>().With.Message.EqualTo("with a handle"));
        Assert.That(((RemoteException)withHandle).TypeName, Is.EqualTo(typeof(HandleException).FullName));
        Assert.That(elsewhere, Is.TypeOf<RemoteException>().With.Message.EqualTo("told"));
        Assert.That(elsewhere.StackTrace, Does.Contain(nameof(An_exception_that_cannot_be_made_here_arrives_as_a_remote_one)));
        Assert.That(Copy(elsewhere), Is.TypeOf<RemoteException>().With.Property("TypeName").EqualTo(typeof(AppException).FullName));
    }

    [Test]
    public void A_node_without_user_types_still_learns_of_failures()
    {
        var bytes = CodecTests.Bytes<Exception>(new AggregateException("outer", Thrown(() => throw new AppException("told", 7))));

        var copy = CodecTests.Read<Exception>(bytes, null);

        Assert.That(copy, Is.TypeOf<RemoteException>().With.Property("TypeName").EqualTo(typeof(AggregateException).FullName));
        Assert.That(copy.InnerException, Is.TypeOf<RemoteException>().With.Message.EqualTo("told"));
    }

    [Test]
    public void A_type_that_is_missing_here_is_named()
    {
        var bytes = ObjectSerializer.Serialize(new Node());
        var binder = new TypeBinder(_ => null);

        Assert.That(() => ObjectSerializer.Deserialize<object>(bytes, new SerializationContext { Types = binder }),
            Throws.TypeOf<SerializationException>()
                .With.Message.Contains("Type Sparkish.Tests.Serialization.Node ").And.Message.Contains("assembly Sparkish.Tests "));
    }

    [Test]
    public void Another_build_of_an_assembly_is_named_with_both_versions()
    {
        Func<int, int> function = x => x + 1;
        var bytes = ObjectSerializer.Serialize(function);
        var here = typeof(ObjectSerializerTests).Module.ModuleVersionId;
        var other = Guid.NewGuid();
        other.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf(here.ToByteArray())));

        Assert.That(() => ObjectSerializer.Deserialize<Func<int, int>>(bytes, CodecTests.User), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("Sparkish.Tests").And.Message.Contains($"version {other}").And.Message.Contains($"{here}"));
    }

    [Test]
    public void Framework_types_that_reach_out_are_made_by_no_bytes()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Read(Named(typeof(FileInfo))), Throws.TypeOf<SerializationException>()
                .With.Message.StartsWith("System.IO.FileInfo "));
            Assert.That(() => Read(Named(typeof(Process))), Throws.TypeOf<SerializationException>()
                .With.Message.StartsWith("System.Diagnostics.Process "));
            Assert.That(() => Read(DelegateTo(typeof(File), nameof(File.Delete))), Throws.TypeOf<SerializationException>()
                .With.Message.StartsWith("delegates to methods of System.IO.File"));
            Assert.That(() => Read(DelegateTo(typeof(Process), nameof(Process.Start))), Throws.TypeOf<SerializationException>()
                .With.Message.StartsWith("delegates to methods of System.Diagnostics.Process"));
            Assert.That(() => ObjectSerializer.Serialize(new FileInfo("a")), Throws.TypeOf<SerializationException>());
            Assert.That(() => ObjectSerializer.Serialize(typeof(Process)), Throws.TypeOf<SerializationException>());
        }
    }

    [Test]
    public void The_path_to_what_is_refused_is_told()
    {
        var graph = new Node { Next = new Node { All = [new Node(), new Node { Any = new MemoryStream() }] } };

        Assert.That(() => ObjectSerializer.Serialize(graph), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Next.All[1].Any: System.IO.MemoryStream "));
    }

    [Test]
    public void An_error_of_the_applications_own_code_is_wrapped()
    {
        var keys = new Dictionary<BadHash, int> { [new BadHash()] = 1 };

        Assert.That(() => Copy(keys), Throws.TypeOf<SerializationException>().With.InnerException.TypeOf<NullReferenceException>());
    }

    [Test]
    public void A_long_chain_is_an_error_and_no_end_of_the_stack()
    {
        var node = new Node();
        for (var i = 0; i < 100_000; i++) node = new Node { Next = node };

        Assert.That(() => ObjectSerializer.Serialize(node), Throws.TypeOf<SerializationException>().With.Message.Contains("nests"));
    }

    [Test]
    public void Every_corrupt_byte_is_an_error_or_a_graph()
    {
        var k = 3;
        var shared = new Node { Name = "shared" };
        Func<int, int> function = x => x + k;
        object[] graph = [shared, new Node { Name = "n", Next = shared, Any = new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 1 } },
            function, new AppException("x", 1), 5, "text", new[] { 1, 2 }];
        var bytes = ObjectSerializer.Serialize(graph);

        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (var value in new byte[] { 0, 1, 2, 3, 4, 5, 8, 0x10, 0x7F, 0x80, 0xFF, (byte)(bytes[i] + 1), (byte)(bytes[i] - 1) })
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] = value;
                Assert.That(IsHandled(corrupt));
            }

            Assert.That(IsHandled(bytes[..i]));
        }
    }

    [Test]
    public void Random_changes_of_valid_graphs_are_errors_or_graphs()
    {
        var random = new Random(7);
        var payloads = ClosureShapes.All.Select(shape => ObjectSerializer.Serialize(ClosureCleaner.Clean((Func<int, object>)shape.Arguments[0]!, "Map")))
            .ToArray();

        for (var round = 0; round < 4_000; round++)
        {
            var bytes = (byte[])payloads[random.Next(payloads.Length)].Clone();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(random.Next(1, 257));

            Assert.That(IsHandled(bytes));
        }
    }

    private static bool SameShape(Node node, Node copy, Node[] nodes, Node[] copies) =>
        string.Equals(node.Name, copy.Name, StringComparison.Ordinal)
            && Array.IndexOf(nodes, node.Next) == Array.IndexOf(copies, copy.Next) && ReferenceEquals(copy.All, copies[0].All)
        && copy.All.SequenceEqual(copies) && (node.Any is int any ? any.Equals(copy.Any) : ReferenceEquals(copy.Any, copies));

    private static byte[] Named(Type type)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)NodeTag.Object);
        new TypeTableWriter().Write(writer, type);
        writer.WriteRaw(new byte[100]);
        return writer.ToArray();
    }

    private static byte[] DelegateTo(Type type, string method)
    {
        var writer = new ByteWriter();
        var types = new TypeTableWriter();
        writer.WriteByte((byte)NodeTag.Object);
        types.Write(writer, typeof(Action<string>));
        writer.WriteByte(0);
        types.Write(writer, type);
        writer.WriteString(method);
        writer.WriteCount(1);
        types.Write(writer, typeof(string));
        writer.WriteCount(0);
        return writer.ToArray();
    }

    private static object? Read(byte[] bytes) => ObjectSerializer.Deserialize<object?>(bytes, CodecTests.User);

    private static T Copy<T>(T graph) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(graph), CodecTests.User);

    private static Exception Thrown(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new AssertionException("nothing was thrown");
    }

    private static bool IsHandled(byte[] bytes)
    {
        try
        {
            Read(bytes);
            return true;
        }
        catch (SerializationException)
        {
            return true;
        }
    }
}
