#pragma warning disable CA1001 // the streams are what must not travel, and hold nothing
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>What of <c>this</c> a function takes along, where that is easily got wrong.</summary>
internal sealed class ClosurePruningTests
{
    [Test]
    public void Two_functions_over_one_object_share_one_copy_with_what_both_use()
    {
        using var stream = new MemoryStream();
        var counter = new Counter(stream);
        var (add, read) = counter.Make();
        Func<int, int> function = x =>
        {
            add(x);
            return read();
        };

        var copy = Travelled(function);

        Assert.That((copy(2), copy(3)), Is.EqualTo((2, 5)));
        Assert.That(counter.Count, Is.Zero);
    }

    [Test]
    public void An_object_that_is_captured_in_two_ways_arrives_as_one()
    {
        var counter = new Counter(unused: null);
        var holder = new List<Counter> { counter };
        var (add, _) = counter.Make();
        Func<int, int> function = x =>
        {
            add(x);
            return holder[0].Count;
        };

        Assert.That(Travelled(function)(2), Is.EqualTo(2));
    }

    [Test]
    public void Captured_variables_that_an_object_reaches_through_its_functions_arrive_as_one()
    {
        var hits = 0;
        var button = new Button { Click = () => hits++ };
        Func<int> function = () =>
        {
            button.Click();
            return hits;
        };

        Assert.That(Travelled(function)(), Is.EqualTo(1));
    }

    [Test]
    public void An_override_with_a_narrower_result_is_not_mistaken_for_the_method_of_the_base()
    {
        Assert.That(Travelled(new Narrow("n").Make())(1), Is.EqualTo("n1"));
    }

    [Test]
    public void A_method_that_is_hidden_or_explicit_is_the_one_that_runs()
    {
        Assert.That(Travelled(new Hiding("h", "base").Make())(1), Is.EqualTo("base/h/explicit h/default"));
    }

    [Test]
    public void What_an_interface_of_a_type_argument_calls_is_not_taken_for_that_of_another()
    {
        Assert.That(Travelled(new Chosen("a", "b").Make<int>())(1), Is.EqualTo("a"));
        Assert.That(Travelled(new Chosen("a", "b").Make<long>())(1), Is.EqualTo("b"));
    }

    [Test]
    public void A_method_of_the_base_class_as_a_function_stays_that_of_the_base()
    {
        Assert.That(Travelled(new Narrow("n").OfBase())(), Is.EqualTo("wide"));
    }

    [Test]
    public void Both_ways_through_a_condition_are_followed()
    {
        using var stream = new MemoryStream();
        var choice = new Choice(new Choice(null, 5, unused: null), 7, stream);

        Assert.That(Travelled(choice.Make(true))(1), Is.EqualTo(8));
        Assert.That(Travelled(choice.Make(false))(1), Is.EqualTo(6));
    }

    [Test]
    public void What_only_a_catch_a_filter_or_a_finally_block_uses_goes_too()
    {
        Assert.That(Travelled(new Guarded().Make())(1), Is.EqualTo("caught filter/finally/fault"));
    }

    [Test]
    public void What_a_reference_to_a_variable_leads_to_goes_too()
    {
        Assert.That(Travelled(new ByReference(4).Make())(1), Is.EqualTo(5));
    }

    [Test]
    public void What_a_function_in_a_field_of_this_does_not_use_stays()
    {
        using var stream = new MemoryStream();

        var copy = Travelled(new Pipeline(stream).Make());

        Assert.That(copy(3), Is.EqualTo(8));
    }

    [Test]
    public void A_function_of_an_inherited_method_takes_the_fields_of_the_base_along()
    {
        Assert.That(Travelled(new Inheriting(3).Make())(2), Is.EqualTo(5));
    }

    [Test]
    public void An_object_of_a_class_that_must_not_be_sent_is_refused_however_little_is_used()
    {
        Assert.That(
            () => ClosureCleaner.Clean(new Context().Make(), "Map"),
            Throws.TypeOf<SerializationException>().With.Message.EqualTo("Map(...) cannot run on executors: FakeContext cannot be sent to executors.")
                .Or.Message.StartsWith("Map(...) captures this: FakeContext cannot be sent to executors;"));
    }

    [Test]
    public void A_function_that_is_compiled_at_run_time_is_refused()
    {
        var method = new DynamicMethod("Twice", typeof(int), [typeof(int)]);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Add);
        code.Emit(OpCodes.Ret);

        Assert.That(
            () => ClosureCleaner.Clean(method.CreateDelegate<Func<int, int>>(), "Map"),
            Throws.TypeOf<SerializationException>().With.Message.EqualTo(
                "Map(...) cannot run on executors: Twice is compiled at run time and cannot be sent: use a lambda of your program."));
    }

    [Test]
    public void A_very_long_chain_of_functions_is_refused()
    {
        Func<int, int> function = x => x;
        for (var i = 0; i < 100_000; i++)
        {
            var inner = function;
            function = x => inner(x) + 1;
        }

        Assert.That(() => ClosureCleaner.Clean(function, "Map"), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void What_was_learnt_of_an_unloadable_assembly_goes_with_it()
    {
        var context = CleanInContext();

        for (var i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(context.IsAlive, Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CleanInContext()
    {
        var context = new System.Runtime.Loader.AssemblyLoadContext("closures", isCollectible: true);
        var assembly = context.LoadFromAssemblyPath(typeof(ClosurePruningTests).Assembly.Location);
        var choice = Activator.CreateInstance(assembly.GetType(typeof(Choice).FullName!)!, [null, 5, null])!;
        var function = (Delegate)choice.GetType().GetMethod(nameof(Choice.Make))!.Invoke(choice, [true])!;
        var cleaned = ClosureCleaner.Clean(function, "Map");
        Assert.That(cleaned.Target, Is.Not.SameAs(function.Target));
        Assert.That(cleaned.DynamicInvoke(1), Is.EqualTo(6));
        var list = typeof(Generic<>).MakeGenericType(choice.GetType()).GetMethod("Make")!.Invoke(null, [choice])!;
        ClosureCleaner.Clean((Delegate)list, "Map");
        context.Unload();
        return new WeakReference(context);
    }

    private static T Travelled<T>(T function) where T : Delegate =>
        ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(ClosureCleaner.Clean(function, "Map")), CodecTests.User);

    public static class Generic<T>
    {
        public static Func<string> Make(T value) => () => $"{value}";
    }

    public sealed class Counter(MemoryStream? unused)
    {
        public int Count { get; private set; }

        public long Size => unused!.Length;

        public (Action<int> Add, Func<int> Read) Make() => (x => Count += x, () => Count);
    }

    public sealed class Button
    {
        public required Action Click { get; init; }
    }

    public class Wide
    {
        protected virtual object Name() => "wide";

        public Func<int, string> Make() => x => $"{Name()}{x}";
    }

    public sealed class Narrow(string name) : Wide
    {
        protected override string Name() => name;

        public Func<object> OfBase() => base.Name;
    }

    public interface IChosen<T>
    {
        string Choose();
    }

    public sealed class Chosen(string ofInt, string ofLong) : IChosen<int>, IChosen<long>
    {
        string IChosen<int>.Choose() => ofInt;

        string IChosen<long>.Choose() => ofLong;

        public Func<int, string> Make<T>()
        {
            var more = "";
            return _ => (this is IChosen<T> chosen ? chosen.Choose() : "none") + more;
        }
    }

    public interface ITold
    {
        string Told();

        string ByDefault() => "default";
    }

    public class Told(string name) : ITold
    {
        protected string Text() => name;

        string ITold.Told() => $"base explicit {name}";
    }

    public sealed class Hiding(string name, string baseName) : Told(baseName), ITold
    {
        private new string Text() => name;

        string ITold.Told() => $"explicit {name}";

        public Func<int, string> Make() => _ => $"{base.Text()}/{Text()}/{((ITold)this).Told()}/{((ITold)this).ByDefault()}";
    }

    public sealed class Choice(Choice? other, int value, MemoryStream? unused)
    {
        public long Size => unused!.Length;

        public Func<int, int> Make(bool own) => x => (own ? this : other)!.Value() + x;

        private int Value() => value;
    }

    public sealed class Guarded
    {
        private readonly string _caught = "caught";
        private readonly string _filter = "filter";
        private readonly string _finally = "finally";
        private readonly Func<string> _fault = () => "fault";
        private readonly MemoryStream _unused = new();

        public long Size => _unused.Length;

        public Func<int, string> Make() => _ =>
        {
            var text = "";
            try
            {
                throw new InvalidOperationException("x");
            }
            catch (InvalidOperationException) when (_filter.Length > 0)
            {
                text += $"{_caught} {_filter}";
            }
            finally
            {
                text += $"/{_finally}";
            }

            return $"{text}/{_fault()}";
        };
    }

    public sealed class ByReference(int value)
    {
        private readonly MemoryStream _unused = new();
        private int _value = value;

        public long Size => _unused.Length;

        public Func<int, int> Make() => x =>
        {
            ref var place = ref _value;
            Add(ref place, x);
            return _value;
        };

        private static void Add(ref int place, int x) => place += x;
    }

    public sealed class Pipeline
    {
        private readonly Func<int, int>[] _steps;
        private readonly MemoryStream _unused;

        public Pipeline(MemoryStream stream)
        {
            var offset = 5;
            Func<long> other = () => stream.Length;
            _steps = [x => x + offset];
            _unused = stream;
            GC.KeepAlive(other);
        }

        public long Size => _unused.Length;

        public Func<int, int> Make() => x => _steps[0](x);
    }

    public abstract class Offset(int value)
    {
        public int Apply(int x) => x + value;
    }

    public sealed class Inheriting(int value) : Offset(value)
    {
        private readonly MemoryStream _unused = new();

        public long Size => _unused.Length;

        public Func<int, int> Make() => Apply;
    }

    public sealed class Context : FakeContext
    {
        private readonly int _value = 3;

        public Func<int, int> Make() => x => x + _value;
    }
}
