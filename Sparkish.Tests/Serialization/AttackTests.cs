#pragma warning disable SYSLIB0050 // the platform's old serialization must never be called
using System.Data;
using System.Diagnostics;
using System.Reflection;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>What is known to end badly elsewhere, forged byte for byte: our own writer refuses to write it, and our reader to read it.</summary>
[NonParallelizable]
public sealed class AttackTests
{
    private static readonly Type[] Gadgets =
    [
        typeof(Process), typeof(ProcessStartInfo), typeof(FileInfo), typeof(DirectoryInfo), typeof(FileStream), typeof(StreamWriter), typeof(MemoryStream),
        typeof(FileSystemWatcher), typeof(DataSet), typeof(DataTable), typeof(ClaimsIdentity), typeof(ClaimsPrincipal), typeof(X509Certificate2),
        typeof(SafeFileHandle), typeof(Lazy<string>), typeof(Task), typeof(Task<int>), typeof(Thread), typeof(Timer), typeof(CancellationTokenSource),
        typeof(CancellationToken), typeof(WeakReference), typeof(WeakReference<string>), typeof(AppDomain), typeof(System.Net.Http.HttpClient),
        typeof(System.Net.Sockets.Socket), typeof(System.Xml.XmlDocument), typeof(System.Resources.ResourceReader), typeof(System.Resources.ResourceSet),
        typeof(System.Runtime.Loader.AssemblyLoadContext), typeof(ActivitySource), typeof(StackFrame), typeof(ThreadLocal<string>),
        typeof(System.Text.Json.JsonDocument), typeof(System.ComponentModel.BackgroundWorker), typeof(object)
            .Assembly.GetType("System.Reflection.RuntimeMethodInfo")!,
        typeof(object).Assembly.GetType("System.Reflection.RuntimeAssembly")!, typeof(List<string>.Enumerator), typeof(Dictionary<string, int>.KeyCollection),
        Enumerable.Range(0, 3).Select(i => i).GetType(), typeof(nint), typeof(Pointer), typeof(RuntimeTypeHandle), typeof(RuntimeMethodHandle),
    ];

    private static readonly TestCaseData[] Methods =
    [
        new(typeof(Action<string>), typeof(File), nameof(File.Delete), new[] { typeof(string) }),
        new(typeof(Func<string, Process>), typeof(Process), nameof(Process.Start), new[] { typeof(string) }),
        new(typeof(Func<string, string, Process>), typeof(Process), nameof(Process.Start), new[] { typeof(string), typeof(string) }),
        new(typeof(Func<string, Assembly>), typeof(Assembly), nameof(Assembly.Load), new[] { typeof(string) }),
        new(typeof(Func<byte[], Assembly>), typeof(Assembly), nameof(Assembly.Load), new[] { typeof(byte[]) }),
        new(typeof(Func<string, Type>), typeof(Type), nameof(Type.GetType), new[] { typeof(string) }),
        new(typeof(Func<Type, object>), typeof(Activator), nameof(Activator.CreateInstance), new[] { typeof(Type) }),
        new(typeof(Action<int>), typeof(Environment), nameof(Environment.Exit), new[] { typeof(int) }),
        new(typeof(Action<string>), typeof(Environment), nameof(Environment.FailFast), new[] { typeof(string) }),
        new(typeof(Func<object[], object>), typeof(Delegate), nameof(Delegate.DynamicInvoke), new[] { typeof(object[]) }),
        new(typeof(Func<object, object[], object>), typeof(MethodBase), nameof(MethodBase.Invoke), new[] { typeof(object), typeof(object[]) }),
        new(typeof(Func<nint, int>), typeof(System.Runtime.InteropServices.Marshal), "ReadInt32", new[] { typeof(nint) }),
        new(typeof(Func<Type, object>), typeof(System.Runtime.CompilerServices.RuntimeHelpers), "GetUninitializedObject", new[] { typeof(Type) }),
        new(typeof(Action<Delegate>), typeof(IDisposable), nameof(IDisposable.Dispose), Array.Empty<Type>()),
    ];

    [TestCaseSource(nameof(Gadgets))]
    public void A_type_that_reaches_out_is_made_by_no_bytes(Type type)
    {
        var payloads = new[]
        {
            Forged.Graph(graph => graph.Object(type).Raw(new byte[64])),
            Forged.Graph(graph => graph.Fields(type).Raw(new byte[64])),
            Forged.Graph(graph => graph.Fields(type, "_name", "_path").Text("a").Text("b")),
            Forged.Graph(graph => graph.Object(type.MakeArrayType()).Raw(0)),
            Forged.Graph(graph => graph.Object(typeof(List<>).MakeGenericType(type)).Raw(0)),
            Forged.Graph(graph => graph.Object(typeof(Type)).Type(type)),
            Forged.Graph(graph => graph.Object(typeof(Type)).Type(typeof(Func<>).MakeGenericType(type))),
        };

        using (Assert.EnterMultipleScope())
        {
            foreach (var payload in payloads) Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>());
        }
    }

    [TestCaseSource(nameof(Methods))]
    public void A_delegate_to_a_framework_method_that_acts_is_made_by_no_bytes(Type type, Type declaring, string method, Type[] parameters)
    {
        var payload = Forged.Graph(graph => graph.Delegate(type, declaring, method, parameters));

        Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>().With.Message.StartsWith($"delegates to methods of {declaring}"));
    }

    [Test]
    public void Our_own_writer_refuses_them_too()
    {
        using var process = Process.GetCurrentProcess();
        using var tokens = new CancellationTokenSource();
        using var stream = new MemoryStream();
        object[] gadgets =
        [
            process, new ProcessStartInfo("ls"), new FileInfo("a"), stream, new Lazy<string>("a"),
                Task.CompletedTask, Thread.CurrentThread, tokens, typeof(Process),
            new DataTable(), new ClaimsIdentity(), (Action<string>)File.Delete, (Func<string, Assembly>)Assembly.Load, (Func<string, Type?>)Type.GetType,
            (Func<Type, object?>)Activator.CreateInstance, (Action)stream.Dispose, ((Func<int>)(() => 1))
                .Method, typeof(object).Assembly, new WeakReference(stream),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach (var gadget in gadgets)
                Assert.That(() => ObjectSerializer.Serialize(gadget), Throws.TypeOf<SerializationException>(), gadget.GetType().ToString());
        }
    }

    [Test]
    public void A_comparer_made_of_a_framework_method_is_refused_before_it_compares()
    {
        var comparison = typeof(Comparer<string>).Assembly.GetType("System.Collections.Generic.ComparisonComparer`1")!.MakeGenericType(typeof(string));
        var payload = Forged.Graph(graph => graph.Object(typeof(SortedSet<string>)).Count(2).Raw(3).Object(comparison)
            .Delegate(typeof(Comparison<string>), typeof(Process), nameof(Process.Start), typeof(string), typeof(string)).Text("touch").Text("/tmp/never"));

        Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>().With.Message.StartsWith("delegates to methods of System.Diagnostics.Process"));
    }

    [Test]
    public void A_multicast_delegate_has_parts_of_its_own_type_alone()
    {
        var payload = Forged.Graph(graph => graph.Object(typeof(Comparison<string>)).Raw(3).Count(2)
            .Delegate(typeof(Comparison<string>), typeof(string), nameof(string.Compare), typeof(string), typeof(string))
            .Delegate(typeof(Func<string, string, string>), typeof(string), nameof(string.Concat), typeof(string), typeof(string)));

        Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("A part of a System.Comparison`1[System.String] is a System.Func`3"));
    }

    [Test]
    public void A_delegate_of_a_type_that_its_method_does_not_fit_is_refused()
    {
        var payload = Forged.Graph(
            graph => graph.Delegate(typeof(Func<string, object>), typeof(string), nameof(string.Compare), typeof(string), typeof(string)));

        Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>().With.Message.Contains("does not fit the delegate type System.Func`2"));
    }

    [TestCase(RegexOptions.Compiled, 1, 100)]
    [TestCase(RegexOptions.None, 1, 10_000)]
    [TestCase(RegexOptions.Compiled, 10_000, 1)]
    public void Regular_expressions_that_take_long_to_make_count_as_what_they_cost(RegexOptions options, int chars, int count)
    {
        var state = (new string('a', chars), options, TimeSpan.FromSeconds(1));
        var payload = Forged.Graph(graph =>
        {
            graph.Object(typeof(object[])).Count(count);
            for (var i = 0; i < count; i++) graph.Object(typeof(Regex)).Value(state);
        });
        var context = new SerializationContext { Types = TypeBinder.Application, Limits = SerializationLimits.Default with { MaxSize = 16 << 20 } };

        Assert.That(() => ObjectSerializer.Deserialize<object>(payload, context), Throws.TypeOf<SerializationException>().With.Message.Contains("spark.serializer.maxSize"));
    }

    [TestCase("(", RegexOptions.None)]
    [TestCase("a", (RegexOptions)int.MaxValue)]
    [TestCase("a", (RegexOptions)int.MinValue)]
    [TestCase("(?=a)", RegexOptions.NonBacktracking)]
    public void A_regular_expression_that_cannot_be_made_is_an_error(string pattern, RegexOptions options)
    {
        foreach (var timeout in new[] { TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.MinValue, TimeSpan.MaxValue })
        {
            var payload = Forged.Graph(graph => graph.Object(typeof(Regex)).Value((pattern, options, timeout)));
            Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>(), timeout.ToString());
        }
    }

    [Test]
    public void A_regular_expression_nests_as_deep_as_it_likes()
    {
        var pattern = new string('(', 500_000) + new string(')', 500_000);
        var payload = Forged.Graph(graph => graph.Object(typeof(Regex)).Value((pattern, RegexOptions.None, TimeSpan.FromSeconds(1))));

        Assert.That(Read(payload), Is.TypeOf<Regex>(), "it does not end the process");
    }

    [Test]
    public void A_setter_is_never_called()
    {
        var copy = Copy(Read(Forged.Graph(graph => graph.Fields(typeof(Launcher), "_command").Text("rm"))));

        Assert.That(((Launcher)copy!).Command, Is.EqualTo("rm"));
        Assert.That(Launcher.Launches, Is.Zero);
        Assert.That(((Launcher)Read(Forged.Graph(graph => graph.Fields(typeof(Launcher), "Command").Text("rm")))!).Command, Is.Null, "a property is no field");
    }

    [Test]
    public void The_callbacks_of_old_serializers_are_never_called()
    {
        var copy = Copy(new Callbacks { Name = "n" });

        Assert.That(copy, Is.TypeOf<Callbacks>().With.Property(nameof(Callbacks.Name)).EqualTo("n"));
        Assert.That(Callbacks.Calls, Is.Zero);
    }

    [Test]
    public void No_object_with_a_finalizer_comes_to_be()
    {
        var payload = Forged.Graph(graph => graph.Fields(typeof(Finalized)));

        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Finalized.Finalizations;

        Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Sparkish.Tests.Serialization.Finalized has a finalizer"));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Finalized.Finalizations, Is.EqualTo(before));
    }

    [Test]
    public void A_value_of_the_wrong_type_gets_into_no_field()
    {
        var payloads = new[]
        {
            Forged.Graph(graph => graph.Fields(typeof(Node), "Name").Fields(typeof(Node))),
            Forged.Graph(graph => graph.Fields(typeof(Node), "Next").Text("text")),
            Forged.Graph(graph => graph.Fields(typeof(Node), "Next").Object(typeof(int)).Raw(1, 0, 0, 0)),
            Forged.Graph(graph => graph.Fields(typeof(Node), "All").Object(typeof(List<string>)).Raw(0)),
            Forged.Graph(graph => graph.Fields(typeof(Node), "Next").Object(typeof(Type)).Type(typeof(Node))),
            Forged.Graph(graph => graph.Object(typeof(List<Node>)).Count(1).Text("text")),
            Forged.Graph(graph => graph.Object(typeof(Node[])).Count(1).Text("text")),
        };

        using (Assert.EnterMultipleScope())
        {
            foreach (var payload in payloads) Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(payloads[1]), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
                "Next of Sparkish.Tests.Serialization.Node is a Sparkish.Tests.Serialization.Node here, but a System.String was written: give a field a new name when its type changes."));
        }
    }

    [Test]
    public void The_same_shape_is_no_way_around_the_check_of_a_field()
    {
        var written = ObjectSerializer.Serialize(Enumerable.Range(0, 20).Select(i => new Node { Name = "text", Any = i }).ToArray());
        var name = (byte[])[(byte)NodeTag.Object, 2, 5, .. "text"u8];
        var at = written.AsSpan().LastIndexOf(name);
        if (at < 0) at = written.AsSpan().IndexOf(name);
        var changed = (byte[])[.. written.AsSpan(0, at), (byte)NodeTag.Object, 1, .. written.AsSpan(at + name.Length)];

        Assert.That(() => Read(changed), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("Name of Sparkish.Tests.Serialization.Node is a System.String here, but a System.Object was written"));
    }

    [Test]
    public void A_type_stands_only_where_a_type_of_its_kind_can()
    {
        byte[] structure = [(byte)'A', (byte)SlotKind.Fields];
        var wrong = new[] { typeof(string), typeof(int?), typeof(Span<int>), typeof(KeyValuePair<,>),
            typeof(IDisposable), typeof(void), typeof(Node), typeof(CancellationToken), typeof(nint) };

        using (Assert.EnterMultipleScope())
        {
            foreach (var type in wrong)
            {
                var payload = Forged.Graph(
                    graph => graph.Tag(NodeTag.Fields).Type(typeof(Node)).Count(structure.Length).Raw(structure).Type(type).Raw(new byte[32]));
                Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>(), type.ToString());
            }

            Assert.That(() => Read(Forged.Graph(graph => graph.Object(typeof(Node)).Raw(new byte[32]))), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(Forged.Graph(graph => graph.Fields(typeof(string)).Raw(new byte[32]))), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(Forged.Graph(graph => graph.Fields(typeof(Stream)).Raw(new byte[32]))), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(Forged.Graph(graph => graph.Fields(typeof(IDisposable)).Raw(new byte[32]))), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(Forged.Graph(graph => graph.Fields(typeof(KeyValuePair<,>)).Raw(new byte[32]))), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(Forged.Graph(graph => graph.Object(typeof(DayOfWeek)).Raw(1))), Throws.TypeOf<SerializationException>());
        }
    }

    [Test]
    public void An_exception_whose_members_fail_arrives_all_the_same()
    {
        var copy = Copy<Exception>(new AggregateException("outer", new EvilException()));

        Assert.That(copy.InnerException, Is.TypeOf<EvilException>());
    }

    [Test]
    public void A_name_that_is_more_than_a_name_is_not_looked_for()
    {
        var asked = new List<string>();
        var context = new SerializationContext
        {
            Types = new TypeBinder(name =>
            {
                asked.Add(name.Name!);
                return typeof(Node).Assembly;
            }),
        };
        (string Assembly, string Name)[] names =
        [
            ("../../evil", "Evil"), ("evil, Version=1.0.0.0", "Evil"), ("/tmp/evil.dll", "Evil"),
                ("file:evil", "Evil"), ("evil\0", "Evil"), ("", "Evil"), (new string('a', 100_000), "Evil"),
            ("good", "System.Collections.Generic.List`1[[Evil, evil]]"), ("good", "Evil[]"), ("good", "Evil*"),
                ("good", "Evil&"), ("good", "Evil, evil"), ("good", "A\\\\[[Evil, evil]]"), ("good", ""),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach (var (assembly, name) in names)
            {
                var payload = Forged.Graph(graph => graph.Tag(NodeTag.Fields).TypeNamed(assembly, name).Raw(new byte[16]));
                Assert.That(() => ObjectSerializer.Deserialize<object>(payload, context), Throws.TypeOf<SerializationException>()
                    .With.Message.EqualTo("The input holds an invalid name of a type or an assembly."), $"{assembly}/{name}");
            }
        }

        Assert.That(asked, Is.Empty);
    }

    [Test]
    public void Types_that_do_not_exist_are_not_looked_for_without_end()
    {
        var asked = 0;
        var context = new SerializationContext
        {
            Types = new TypeBinder(_ =>
            {
                asked++;
                return null;
            }),
        };
        var payload = Forged.Graph(graph =>
        {
            // The arguments of a type that is not there are types too.
            graph.Tag(NodeTag.Fields).Raw(0, 1).TypeNamed("evil", "Evil").Count(100_000);
            for (var i = 0; i < 100_000; i++) graph.Raw(0, 0, 1, 5).Raw("Evil"u8.ToArray());
        });

        Assert.That(() => ObjectSerializer.Deserialize<object>(payload, context), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("more than 1000 types"));
        Assert.That(asked, Is.LessThan(2000));
    }

    [Test]
    public void Types_of_types_take_no_memory_without_end()
    {
        var payload = Forged.Graph(graph =>
        {
            graph.Tag(NodeTag.Fields).Raw(0, TypeTable.Vector);
            for (var i = 0; i < 1500; i++) graph.Raw(0, TypeTable.Vector);
            graph.Raw(1);
        });
        var doubling = Forged.Graph(graph =>
        {
            graph.Tag(NodeTag.Object).Raw(0, 1).Type(typeof(ValueTuple<,>)).Count(2);
            for (var i = 0; i < 40; i++) graph.Raw(0, 1).Type(typeof(ValueTuple<,>)).Count(2);
            graph.Raw(1, 1);
            for (var i = 0; i < 40; i++) graph.Count(TypeTable.WellKnown.Length + i + 1);
        });
        var many = Forged.Graph(graph =>
        {
            graph.Object(typeof(object[])).Count(100_000);
            graph.Tag(NodeTag.Object).Raw(0, TypeTable.Vector, 1, 0);
            for (var i = 0; i < 99_999; i++) graph.Tag(NodeTag.Object).Raw(0, TypeTable.Vector).Count(TypeTable.WellKnown.Length + (i % 400) + 1).Raw(0);
        });
        var small = new SerializationContext { Types = TypeBinder.Application, Limits = new SerializationLimits(2000, 8 << 20) };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(doubling), Throws.TypeOf<SerializationException>().With.Message.Contains("more than 1000 parts"));
            Assert.That(() => ObjectSerializer.Deserialize<object>(many, small), Throws.TypeOf<SerializationException>()
                .With.Message.Contains("would take more than"));
        }
    }

    [Test]
    public void Small_objects_in_great_number_take_no_more_memory_than_the_limit()
    {
        var payload = Forged.Graph(graph =>
        {
            graph.Object(typeof(List<object>)).Count(200_000).Fields(typeof(Node));
            for (var i = 0; i < 199_999; i++) graph.Tag(NodeTag.Fields).Count(TypeTable.WellKnown.Length + 2);
        });
        var small = new SerializationContext { Types = TypeBinder.Application, Limits = new SerializationLimits(2000, 8 << 20) };

        Assert.That(((List<object>)Read(payload)!)[199_999], Is.TypeOf<Node>());
        Assert.That(() => ObjectSerializer.Deserialize<object>(payload, small), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("would take more than"));
    }

    [Test]
    public void Input_that_nests_without_end_is_refused_before_the_stack_ends()
    {
        foreach (var tag in new[] { NodeTag.Prelude, NodeTag.Surrogate, NodeTag.Fields })
        {
            var payload = Forged.Graph(graph =>
            {
                if (tag == NodeTag.Fields) graph.Fields(typeof(Node), "Next");
                if (tag == NodeTag.Prelude) graph.Tag(NodeTag.Root).Type(typeof(Action));
                for (var i = 0; i < 500_000; i++)
                {
                    graph.Tag(tag);
                    if (tag != NodeTag.Prelude) graph.Type(tag == NodeTag.Fields ? typeof(Node) : typeof(IPAddressSurrogate));
                }
            });

            Assert.That(() => Read(payload), Throws.TypeOf<SerializationException>()
                .With.Message.Contains("nests values more than 2000 levels deep"), tag.ToString());
        }
    }

    private static object? Read(byte[] bytes) => ObjectSerializer.Deserialize<object?>(bytes, CodecTests.User);

    private static T Copy<T>(T graph) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(graph), CodecTests.User);
}
