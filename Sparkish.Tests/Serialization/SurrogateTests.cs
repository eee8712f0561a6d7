using System.Net;
using System.Runtime.CompilerServices;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;
using Sparkish.Tests.Serialization;

[assembly: SerializationSurrogate(typeof(IPAddressSurrogate))]
[assembly: SerializationSurrogate(typeof(HandleSurrogate))]
[assembly: SerializationSurrogate(typeof(FirstOfTwo))]
[assembly: SerializationSurrogate(typeof(SecondOfTwo))]

namespace Sparkish.Tests.Serialization;

public sealed class IPAddressSurrogate : Surrogate<IPAddress, byte[]>
{
    public override byte[] ToState(IPAddress value) => value.GetAddressBytes();

    public override IPAddress FromState(byte[] state) => new(state);
}

public sealed class Handle(string name) : IDisposable
{
#pragma warning disable MA0055 // what is tested
    ~Handle() => Dispose();
#pragma warning restore MA0055

    public string Name { get; } = name.Length > 0 ? name : throw new ArgumentException("A handle needs a name.", nameof(name));

    public void Dispose() => GC.SuppressFinalize(this);
}

public sealed record HandleState(string Name, IPAddress Host);

public sealed class HandleSurrogate : Surrogate<Handle, HandleState>
{
    public override HandleState ToState(Handle value) => new(value.Name is "empty" ? "" : value.Name, IPAddress.Loopback);

    public override Handle FromState(HandleState state) => new(state.Name);
}

public sealed class Twice;

public sealed class FirstOfTwo : Surrogate<Twice, string>
{
    public override string ToState(Twice value) => "";

    public override Twice FromState(string state) => new();
}

public sealed class SecondOfTwo : Surrogate<Twice, string>
{
    public override string ToState(Twice value) => "";

    public override Twice FromState(string state) => new();
}

public sealed class Wrap<T>
{
    public T? Value { get; set; }
}

/// <summary>Not registered, and not to be made by bytes.</summary>
public abstract class NoSurrogate : Surrogate<Uri, string>;

public sealed class SurrogateTests
{
    private const string App = """
        [assembly: SerializationSurrogate(typeof(Short))]
        public class Long { public string Text; public IntPtr Handle; public Long(string text) { Text = text; } }
        public class Short : Surrogate<Long, string> { public override string ToState(Long value) => value.Text; public override Long FromState(string state) => new Long(state + "!"); }
        public static class App
        {
            public static object Make() => new object[] { new Long("a"), System.Net.IPAddress.Loopback.AddressFamily };
            public static string Show(object o) => ((Long)((object[])o)[0]).Text;
        }
        """;

    [Test]
    public void A_framework_type_travels_as_its_surrogate_says()
    {
        var address = IPAddress.Parse("10.1.2.3");
        var graph = new object[] { address, address, IPAddress.IPv6Loopback, new Dictionary<string, IPAddress> { ["a"] = address } };

        var copy = Copy(graph);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(copy[0], Is.EqualTo(address).And.SameAs(copy[1]));
            Assert.That(copy[2], Is.EqualTo(IPAddress.IPv6Loopback));
            Assert.That(((Dictionary<string, IPAddress>)copy[3])["a"], Is.SameAs(copy[0]));
        }
    }

    [Test]
    public void A_typed_codec_leaves_it_to_the_surrogate()
    {
        var bytes = CodecTests.Bytes((IPAddress.Loopback, 5));

        var copy = CodecTests.Read<(IPAddress, int)>(bytes, CodecTests.User);

        Assert.That(copy, Is.EqualTo((IPAddress.Loopback, 5)));
    }

    [Test]
    public void A_state_may_need_surrogates_itself_and_a_type_with_a_finalizer_may_have_one()
    {
        using var handle = new Handle("h");

        using var copy = Copy(handle);

        Assert.That(copy.Name, Is.EqualTo("h"));
    }

    [Test]
    public void A_failure_of_a_surrogate_names_it()
    {
        using var empty = new Handle("empty");

        Assert.That(() => Copy(empty), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Sparkish.Tests.Serialization.HandleSurrogate failed: A handle needs a name."));
    }

    [Test]
    public void Two_surrogates_of_one_type_are_an_error_that_names_both()
    {
        Assert.That(() => ObjectSerializer.Serialize(new Twice()), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("FirstOfTwo").And.Message.Contains("SecondOfTwo"));
    }

    [Test]
    public void Only_a_surrogate_of_an_application_is_made_from_bytes()
    {
        foreach (
            var type in new[] { typeof(string), typeof(Twice), typeof(NoSurrogate), typeof(Surrogate<,>), typeof(Surrogate<Uri, string>), typeof(FileInfo) })
        {
            var forged = Forged.Graph(graph => graph.Tag(NodeTag.Surrogate).Type(type).Tag(NodeTag.Null));

            Assert.That(() => ObjectSerializer.Deserialize<object>(forged, CodecTests.User), Throws.TypeOf<SerializationException>()
                .With.Message.EndsWith("is not a surrogate."), type.ToString());
        }
    }

    [Test]
    public void A_state_of_another_type_is_an_error()
    {
        var forged = Forged.Graph(graph => graph.Tag(NodeTag.Surrogate).Type(typeof(IPAddressSurrogate)).Object(typeof(int)).Raw(1, 0, 0, 0));

        Assert.That(() => ObjectSerializer.Deserialize<object>(forged, CodecTests.User), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("expects a System.Byte[]"));
    }

    [Test]
    public void A_denied_type_has_no_surrogate_either()
    {
        var denied = AdmissionTests.With(SerializationKeys.DeniedTypes.Key, "System.Net.IPAddress");

        Assert.That(() => ObjectSerializer.Serialize(IPAddress.Loopback, denied), Throws.TypeOf<SerializationException>().With.Message.Contains("denied"));
        Assert.That(() => ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(IPAddress.Loopback), denied),
            Throws.TypeOf<SerializationException>().With.Message.Contains("denied"));
    }

    [Test]
    public void A_surrogate_that_came_with_an_application_serves_that_application()
    {
        var (writing, reading) = (new CompiledApp(App), new CompiledApp(App));

        var known = ObjectSerializer.Deserialize<object>(writing.Written(), writing.Context);

        Assert.That(known, Is.Not.Null);
        Assert.That(reading.Shown(writing.Written()), Is.EqualTo("a!"));
    }

    [Test]
    public void An_application_may_not_stand_in_for_what_is_not_its_own()
    {
        var app = new CompiledApp(
            "public class Foreign : Surrogate<Sparkish.SparkException, string> { public override string ToState(Sparkish.SparkException value) => null; public override Sparkish.SparkException FromState(string state) => throw new Exception(\"made\"); } public static class App { }");
        var type = app.Assembly.GetType("Foreign")!;
        var forged = Forged.Graph(graph => graph.Tag(NodeTag.Surrogate).Type(type).Tag(NodeTag.Null));

        Assert.That(() => ObjectSerializer.Deserialize<object>(forged, app.Context), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
            "Foreign belongs to the application and cannot replace Sparkish.SparkException, which does not."));
    }

    [Test]
    public void A_generic_class_of_elsewhere_holds_what_came_with_an_application()
    {
        var app = new CompiledApp(
            "public class Item { public int A; } public static class App { public static object Make(Type wrap) => Enumerable.Range(0, 30).Select(i => { var w = Activator.CreateInstance(wrap.MakeGenericType(typeof(Item))); wrap.MakeGenericType(typeof(Item)).GetProperty(\"Value\").SetValue(w, new Item { A = i }); return w; }).ToArray(); public static string Show(object o) => ((object[])o).Select((w, i) => ((Item)w.GetType().GetProperty(\"Value\").GetValue(w)).A == i).All(x => x).ToString(); }");
        var bytes = ObjectSerializer.Serialize(app.Call("Make", typeof(Wrap<>)), app.Context);

        Assert.That(app.Shown(bytes), Is.EqualTo("True"));
    }

    [Test]
    public void An_application_that_is_unloaded_is_let_go()
    {
        var left = UseAndUnload();

        for (var i = 0; i < 50 && left.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(left.IsAlive, Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndUnload()
    {
        var app = new CompiledApp(
            App + " public class Item { public int A; private readonly string B = \"b\"; public Item Next; public (string, int) Pair; public DateTime T; } public struct Part { public string S; public int N; } public class Whole { public Part Part; public Item[] Items = Enumerable.Range(0, 50).Select(i => new Item { A = i }).ToArray(); public Part[] Parts = new Part[20]; }");
        app.Shown(app.Written());
        var whole = Activator.CreateInstance(app.Assembly.GetType("Whole")!);
        ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(whole, app.Context), app.Context);
        app.Unload();
        return new WeakReference(app.Assembly);
    }

    private static T Copy<T>(T graph) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(graph), CodecTests.User);
}
