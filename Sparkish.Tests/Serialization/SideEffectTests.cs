using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>What may not happen while bytes are read: nothing that they name runs before the root is known to be what the reader expects.</summary>
[NonParallelizable]
public sealed class SideEffectTests
{
    private static readonly SerializationContext Peer = new() { Types = TypeBinder.Application };

    private static readonly SerializationContext Own = new() { Types = TypeBinder.Application, Trust = Trust.Own };

    private static IEnumerable<TestCaseData> Roots => Gadgets.All.Select(gadget => new TestCaseData(gadget).SetArgDisplayNames(gadget.GetType().ToString()));

    [TestCaseSource(nameof(Roots))]
    public void Nothing_is_called_where_another_type_is_expected(object gadget)
    {
        var bytes = ObjectSerializer.Serialize(gadget);

        var calls = Calls.During(() =>
        {
            foreach (var context in new[] { Peer, Own })
            {
                Assert.That(() => ObjectSerializer.Deserialize<Exception>(bytes, context), Throws.TypeOf<SerializationException>());
                Assert.That(() => ObjectSerializer.Deserialize<string>(bytes, context), Throws.TypeOf<SerializationException>());
                Assert.That(() => ObjectSerializer.Deserialize<int?>(bytes, context), Throws.TypeOf<SerializationException>());
                Assert.That(() => ObjectSerializer.Deserialize<Uri>(bytes, context), Throws.TypeOf<SerializationException>());
                Assert.That(() => ObjectSerializer.Deserialize<Action<Uri>>(bytes, context), Throws.TypeOf<SerializationException>());
            }
        });

        Assert.That(calls, Is.Zero);
    }

    [TestCaseSource(nameof(Roots))]
    public void Nothing_is_called_for_what_a_peer_attached_to_an_exception(object gadget)
    {
        var bytes = ObjectSerializer.Serialize(new GadgetException("failed", new InvalidOperationException("cause")) { Attached = gadget });

        Exception? copy = null;
        var calls = Calls.During(() => copy = ObjectSerializer.Deserialize<Exception>(bytes, Peer));

        Assert.That(calls, Is.Zero);
        Assert.That(copy, Is.TypeOf<RemoteException>().With.Message.EqualTo("failed").And.Property(nameof(RemoteException.TypeName))
            .EqualTo("Sparkish.Tests.Serialization.GadgetException").Or.TypeOf<GadgetException>());
        Assert.That(copy!.InnerException, Is.TypeOf<InvalidOperationException>().With.Message.EqualTo("cause"));
    }

    [TestCaseSource(nameof(Roots))]
    public void A_gadget_is_read_where_it_is_expected_and_its_own_process_wrote_it(object gadget)
    {
        var copy = ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(gadget), Own);

        Assert.That(copy, gadget is GadgetOfSurrogate or Delegate ? Is.Not.Null : Is.TypeOf(gadget.GetType()));
    }

    [Test]
    public void An_exception_with_plain_fields_arrives_from_a_peer_as_what_it_was()
    {
        var sent = new DetailedException("failed", new AggregateException(new ArgumentException("a"), new TimeoutException("t")))
        {
            Code = 7,
            Keys = ["a", "b"],
            At = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            Order = new Node { Name = "n" },
            Counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1 },
        };

        var copy = ObjectSerializer.Deserialize<Exception>(ObjectSerializer.Serialize(sent), Peer);

        Assert.That(copy, Is.TypeOf<DetailedException>().With.Message.EqualTo("failed"));
        var detailed = (DetailedException)copy;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((detailed.Code, detailed.At, detailed.Order?.Name), Is.EqualTo((7, sent.At, "n")));
            Assert.That(detailed.Keys, Is.EqualTo(sent.Keys));
            Assert.That(detailed.Counts?["a"], Is.EqualTo(1));
            Assert.That(((AggregateException)detailed.InnerException!).InnerExceptions.Select(inner => inner.GetType()),
                Is.EqualTo(new[] { typeof(ArgumentException), typeof(TimeoutException) }));
        }
    }

    [Test]
    public void A_static_constructor_runs_for_no_exception_of_a_peer()
    {
        // Written by hand, since to make one would run it.
        var fields = ObjectSerializer.Serialize(new object[] { Array.Empty<string>() });
        var bytes = Forged.Graph(graph => graph.Exception(typeof(InitializingException), "failed", fields));

        Exception? copy = null;
        var calls = Calls.During(() => copy = ObjectSerializer.Deserialize<Exception>(bytes, Peer));

        Assert.That(calls, Is.Zero);
        Assert.That(copy, Is.TypeOf<RemoteException>().With.Message.EqualTo("failed"));
    }

    [Test]
    public void A_static_constructor_runs_for_no_root_of_another_type()
    {
        // Written by hand, since to make one would run it.
        byte[][] graphs =
        [
            Forged.Graph(graph => graph.Fields(typeof(UntouchedGadget))),
            Forged.Graph(graph => graph.Object(typeof(List<object>)).Count(1).Fields(typeof(UntouchedGadget))),
            Forged.Graph(graph => graph.Tag(NodeTag.Root).Type(typeof(UntouchedGadget)).Tag(NodeTag.Prelude).Fields(typeof(UntouchedGadget))),
        ];

        var calls = Calls.During(() =>
        {
            foreach (var graph in graphs) Assert.That(() => ObjectSerializer.Deserialize<Uri>(graph, Own), Throws.TypeOf<SerializationException>());
        });

        Assert.That(calls, Is.Zero);
    }

    [Test]
    public void A_comparer_made_of_functions_is_refused_where_a_peer_wrote_it()
    {
        object[] graphs =
        [
            new SortedSet<int>([1, 2], Comparer<int>.Create(Gadgets.Compare)),
            new HashSet<int>([1, 2], EqualityComparer<int>.Create((x, y) => x == y, x => x)),
            new SortedSet<int>([1, 2], new CallingComparer(Gadgets.Compare)),
            new Dictionary<int, int>(new CallingComparer(Gadgets.Compare)) { [1] = 2 },
            Comparer<int>.Create(Gadgets.Compare),
            new HashSet<SortedSet<int>>(SortedSet<int>.CreateSetComparer(new CallingComparer(Gadgets.Compare))),
        ];

        var calls = Calls.During(() =>
        {
            using (Assert.EnterMultipleScope())
            {
                foreach (var graph in graphs)
                {
                    Assert.That(() => Read(graph, Peer), Throws.TypeOf<SerializationException>()
                        .With.Message.Contains("a comparer made of functions. It would let another process"));
                }
            }
        });

        Assert.That(calls, Is.LessThanOrEqualTo(2), "those of writing");
    }

    [Test]
    public void A_comparer_is_refused_wherever_in_the_graph_its_function_stands()
    {
        var comparer = new CallingComparer(Gadgets.Compare);
        object[] before = [(Comparison<int>)Gadgets.Compare, comparer, new SortedSet<int>([1, 2], comparer)];
        var owner = new Owner { A = new CallingComparer(null!), C = Gadgets.Compare };
        ((CallingComparer)owner.A).Owner = owner;
        owner.B = new SortedSet<int>((CallingComparer)owner.A);

        Assert.That(() => Read(before, Peer), Throws.TypeOf<SerializationException>().With.Message.Contains("a comparer made of functions"));
        Assert.That(() => Read(owner, Peer), Throws.TypeOf<SerializationException>().With.Message.Contains("a comparer that refers to its own container"));
        Assert.That(() => Read(owner, Own), Throws.Nothing);
    }

    [Test]
    public void A_key_that_holds_a_function_is_refused_where_a_peer_wrote_it()
    {
        var keys = new HashSet<CallingKey> { new(() => Gadgets.Compare(1, 1)) };
        var functions = new HashSet<Func<int>> { () => 1 };

        Assert.That(() => Read(keys, Peer), Throws.TypeOf<SerializationException>().With.Message.Contains("as a key that has a function in it"));
        Assert.That(Read(functions, Peer), Has.Count.EqualTo(1), "a function as a key is not called");
    }

    [Test]
    public void A_comparer_without_functions_is_read_from_a_peer()
    {
        Assert.That(Read(new SortedSet<int>([3, 1, 2], new GadgetComparer()), Peer), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(Read(new SortedSet<string>(["b", "a"], StringComparer.Create(CultureInfo.InvariantCulture, ignoreCase: true)), Peer), Has.Count.EqualTo(2));
        Assert.That(Read(new HashSet<string>(["a"], StringComparer.OrdinalIgnoreCase), Peer).Contains("A"));
    }

    [Test]
    public void A_root_that_is_not_the_announced_one_is_refused()
    {
        var announced = Forged.Graph(graph => graph.Tag(NodeTag.Root).Type(typeof(Action)).Text("text"));
        var needless = Forged.Graph(graph => graph.Tag(NodeTag.Root).Type(typeof(int[])).Tag(NodeTag.Prelude).Fields(typeof(UntouchedGadget)));
        var prelude = Forged.Graph(graph => graph.Tag(NodeTag.Prelude).Text("text").Text("text"));

        Assert.That(() => ObjectSerializer.Deserialize<object>(announced, Peer), Throws.TypeOf<SerializationException>().With.Message.Contains("announces"));
        Assert.That(() => ObjectSerializer.Deserialize<int[]>(needless, Peer), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("System.Int32[]"));
        Assert.That(() => ObjectSerializer.Deserialize<object>(prelude, Peer), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("of a graph's root"));
    }

    [Test]
    public void A_delegate_to_native_code_is_neither_written_nor_read()
    {
        string[] methods = [nameof(NativeGadgets.Imported), nameof(NativeGadgets.Generated), nameof(NativeGadgets.Accessed)];

        using (Assert.EnterMultipleScope())
        {
            foreach (var name in methods)
            {
                var method = typeof(NativeGadgets).GetMethod(name)!;
                var reason = $"delegates to {typeof(NativeGadgets)}.{name}, which is native code, cannot be sent: call it in a lambda of your program.";
                Assert.That(() => ObjectSerializer.Serialize(method.CreateDelegate<Comparison<int>>()), Throws.TypeOf<SerializationException>()
                    .With.Message.EqualTo(reason));
                Assert.That(() => ObjectSerializer.Deserialize<object>(Forge(method), Own), Throws.TypeOf<SerializationException>()
                    .With.Message.EqualTo(reason));
            }
        }
    }

    [Test]
    public void No_delegate_to_a_method_of_Sparkish_is_made_but_of_the_lambdas_that_operations_send()
    {
        Assembly[] assemblies = [typeof(SparkConf).Assembly, typeof(SparkContext).Assembly, typeof(UnixSignals).Assembly];
        var admitted = assemblies.SelectMany(static assembly => assembly.GetTypes()).SelectMany(static type => type.GetMethods(All))
            .Where(static method => MethodRules.Refusal(method) is null).Select(static method => Outermost(method.DeclaringType!)).Distinct();
        var native = typeof(UnixSignals).GetMethod("Kill", All)!;

        Assert.That(admitted, Is.EquivalentTo(new[] { typeof(Rdd<>), typeof(PairRddExtensions), typeof(TextFileOutput) }));
        Assert.That(() => ObjectSerializer.Deserialize<object>(Forge(native), Own), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("cannot be sent"));
        Assert.That(() => ObjectSerializer.Serialize((Func<SparkConf>)new SparkConf().Clone), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("Sparkish.SparkConf.Clone, a method of Sparkish, cannot be sent: call it in a lambda"));
    }

    [Test]
    public void A_delegate_that_would_change_the_process_is_not_sent()
    {
        var setter = typeof(CultureInfo).GetProperty(nameof(CultureInfo.DefaultThreadCurrentCulture))!.SetMethod!.CreateDelegate<Action<CultureInfo>>();

        Assert.That(() => ObjectSerializer.Serialize(setter), Throws.TypeOf<SerializationException>().With.Message.Contains("which changes the process"));
    }

    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static byte[] Forge(MethodInfo method) => Forged.Graph(graph =>
        graph.Object(typeof(Comparison<int>)).Raw(0).Type(method.DeclaringType!).Raw(method.Module.ModuleVersionId.ToByteArray())
            .Count(method.MetadataToken & 0xFFFFFF));

    private static T Read<T>(T graph, SerializationContext context) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(graph), context);

    [SuppressMessage("Design", "CA1051", Justification = "Fields are read in the order of their names.")]
    private sealed class Owner
    {
        public object? A;
        public object? B;
        public Comparison<int>? C;
    }

    private sealed class DetailedException(string message, Exception inner) : Exception(message, inner)
    {
        public int Code { get; init; }

        public DateTime At { get; init; }

        public List<string> Keys { get; init; } = [];

        public Dictionary<string, int>? Counts { get; init; }

        public Node? Order { get; init; }
    }
}
