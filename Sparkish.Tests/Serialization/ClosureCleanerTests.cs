using System.Net.Sockets;
using System.Reflection;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

[NotSerializable("FakeContext cannot be sent to executors")]
public class FakeContext
{
    public string Name => "fake";
}

public sealed class DerivedContext : FakeContext;

public sealed class Client(Socket socket)
{
    public int Port => socket.Available;
}

public sealed class Program1(FakeContext sc, int factor)
{
    public FakeContext Context { get; } = sc;

    public Func<int, int> Bad() => x => x * Factor(this);

    public Func<int, int> Fine() => x => x * factor;

    public Func<int, int> Good()
    {
        var local = factor;
        return x => x * local;
    }

    private static int Factor(Program1 program) => program.Context.Name.Length;
}

public sealed class ClosureCleanerTests
{
    [TestCaseSource(typeof(ClosureShapes), nameof(ClosureShapes.All))]
    public void A_function_does_the_same_after_its_journey(Func<int, object> function)
    {
        var expected = function(4);

        var cleaned = ClosureCleaner.Clean(function, "Map");
        var copy = ObjectSerializer.Deserialize<Func<int, object>>(ObjectSerializer.Serialize(cleaned), CodecTests.User);

        Assert.That(cleaned(4), Is.EqualTo(expected));
        Assert.That(copy(4), Is.EqualTo(expected));
    }

    [Test]
    public void Many_threads_may_clean_and_send_at_once()
    {
        var functions = ClosureShapes.All.Select(shape => (Func<int, object>)shape.Arguments[0]!).ToArray();

        // Threads of their own: some of the functions wait for the pool.
        var threads = Enumerable.Range(0, 4)
            .Select(_ => Task.Factory.StartNew(SendAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        Task.WaitAll([.. threads]);

        void SendAll()
        {
            for (var i = 0; i < 10 * functions.Length; i++)
            {
                var function = functions[i % functions.Length];
                var copy = ObjectSerializer.Deserialize<Func<int, object>>(ObjectSerializer.Serialize(ClosureCleaner.Clean(function, "Map")), CodecTests.User);
                Assert.That(copy(3), Is.EqualTo(function(3)));
            }
        }
    }

    [Test]
    public void A_function_that_captures_nothing_is_returned_as_it_is()
    {
        Func<int, int> function = x => x + 1;

        Assert.That(ClosureCleaner.Clean(function, "Map"), Is.SameAs(function));
    }

    [Test]
    public void Variables_that_only_other_functions_use_are_dropped_from_the_copy_alone()
    {
        using var socket = NewSocket();
        var k = 3;
        Func<object> other = () => socket.Available;
        Func<int, int> function = x => x * k;

        var cleaned = ClosureCleaner.Clean(function, "Map");

        Assert.That(Captured(cleaned, "socket"), Is.Null);
        Assert.That(Captured(function, "socket"), Is.SameAs(socket));
        Assert.That(cleaned(2), Is.EqualTo(6));
        GC.KeepAlive(other);
    }

    [Test]
    public void Variables_of_an_outer_scope_are_dropped_too()
    {
        using var socket = NewSocket();
        var k = 3;
        Func<object> other = () => socket.Available;
        Func<int, int>? function = null;
        for (var i = 0; i < 1; i++)
        {
            var j = i;
            Func<int> sibling = () => j + socket.Available;
            function = x => (x * k) + j;
            GC.KeepAlive(sibling);
        }

        var cleaned = ClosureCleaner.Clean(function!, "Map");

        Assert.That(Reachable(cleaned).OfType<Socket>(), Is.Empty);
        Assert.That(cleaned(2), Is.EqualTo(6));
        GC.KeepAlive(other);
    }

    [Test]
    public void Variables_that_a_captured_function_uses_are_kept()
    {
        using var socket = NewSocket();
        var k = 3;
        Func<object> other = () => socket.Available;
        Func<int, int> inner = x => x + k;
        Func<int, int> function = x => inner(x) * 2;

        var cleaned = ClosureCleaner.Clean(function, "Map");

        Assert.That(Reachable(cleaned).OfType<Socket>(), Is.Empty);
        Assert.That(cleaned(2), Is.EqualTo(10));
        GC.KeepAlive(other);
    }

    [Test]
    public void A_captured_variable_keeps_the_value_it_had()
    {
        var k = 1;
        Func<int, int> function = x => x + k;

        var cleaned = ClosureCleaner.Clean(function, "Map");
        k = 100;

        Assert.That(cleaned(1), Is.EqualTo(2));
        Assert.That(function(1), Is.EqualTo(101));
    }

    [Test]
    public void A_captured_socket_is_refused_by_its_path()
    {
        using var socket = NewSocket();
        var client = new Client(socket);

        var error = Refusal(() => ClosureCleaner.Clean<Func<int, int>>(x => x + client.Port, "Map"));

        Assert.That(error, Is.EqualTo(
            "Map(...) captures client.socket: System.Net.Sockets.Socket cannot be sent to executors; "
            + "create it inside the function, or copy the values that the function needs to local variables."));
    }

    [Test]
    public void A_captured_context_is_refused_with_its_reason()
    {
        var sc = new DerivedContext();
        var program = new Program1(sc, 2);

        var direct = Refusal(() => ClosureCleaner.Clean<Func<int, string>>(x => $"{sc.Name}{x}", "Filter"));
        var inside = Refusal(() => ClosureCleaner.Clean(program.Bad(), "Map"));

        Assert.That(direct, Does.StartWith("Filter(...) captures sc: FakeContext cannot be sent to executors; create it"));
        Assert.That(inside, Is.EqualTo(
            "Map(...) captures this.Context: FakeContext cannot be sent to executors; create it inside the function, or copy the values that the function needs "
            + "to local variables (all of this is captured, since Bad passes it to Factor)."));
        Assert.That(ClosureCleaner.Clean(program.Fine(), "Map")(3), Is.EqualTo(6));
        Assert.That(ClosureCleaner.Clean(program.Good(), "Map")(3), Is.EqualTo(6));
    }

    [Test]
    public void Handles_streams_tasks_and_tokens_are_refused()
    {
        using var stream = new MemoryStream();
        using var source = new CancellationTokenSource();
        var thread = Thread.CurrentThread;
        var token = source.Token;
        var pointer = (nint)5;
        var task = Task.CompletedTask;
        var files = new[] { new FileInfo("a") };
#pragma warning disable CS9216 // as an object, for its type alone
        object gate = new Lock();
#pragma warning restore CS9216
        var lazyRange = Enumerable.Range(0, 5).Where(x => x > 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<long>>(() => stream.Length, "Map")),
                Does.Contain("captures stream: System.IO.MemoryStream cannot be sent to executors"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<int>>(() => thread.ManagedThreadId, "Map")),
                Does.Contain("captures thread: System.Threading.Thread"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<bool>>(() => token.IsCancellationRequested, "Map")),
                Does.Contain("captures token: System.Threading.CancellationToken"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<nint>>(() => pointer, "Map")), Does.Contain("captures pointer: System.IntPtr"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<bool>>(() => task.IsCompleted, "Map")),
                Does.Contain("captures task: System.Threading.Tasks.Task"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<string>>(() => files[0].Name, "Map")), Does.Contain("captures files[0]: System.IO.FileInfo"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<object>>(() => gate, "Map")), Does.Contain("captures gate: System.Threading.Lock"));
            Assert.That(Refusal(() => ClosureCleaner.Clean<Func<int>>(() => lazyRange.Count(), "Map")),
                Does.Contain("captures lazyRange: System.Linq").And.Contain("call ToArray() on it"));
        }
    }

    [Test]
    public void Framework_methods_that_reach_out_are_refused_as_functions()
    {
        Assert.That(Refusal(() => ClosureCleaner.Clean<Action<string>>(File.Delete, "ForEach")), Is.EqualTo(
            "ForEach(...) cannot run on executors: delegates to methods of System.IO.File cannot be sent: call them in a lambda of your program."));
    }

    private static string Refusal(Action act)
    {
        try
        {
            act();
        }
        catch (SerializationException e)
        {
            return e.Message;
        }

        throw new AssertionException("nothing was refused");
    }

    private static object? Captured(Delegate function, string name) => function.Target!.GetType().GetField(name)!.GetValue(function.Target);

    private static HashSet<object> Reachable(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object>([root]);
        while (left.TryPop(out var value))
        {
            if (!seen.Add(value) || value is Socket) continue;
            if (value is Delegate { Target: { } target }) left.Push(target);
            if (!value.GetType().Name.StartsWith("<>c", StringComparison.Ordinal)) continue;
            foreach (var field in value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
            {
                if (field.GetValue(value) is { } next) left.Push(next);
            }
        }

        return seen;
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
