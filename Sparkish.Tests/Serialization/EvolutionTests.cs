using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>What an old version of a type wrote, read by a new one.</summary>
public sealed class EvolutionTests
{
    [Test]
    public void A_field_that_is_new_has_its_default_and_no_constructor_runs()
    {
        var shown = Exchange(
            "public class Job { public string Name = \"a\"; } public static class App { public static object Make() => new Job(); }",
            "public class Job { public string Name; public int Cores = 5; public string Note = \"new\"; } public static class App { public static string Show(object o) => o is Job j ? $\"{j.Name} {j.Cores} {j.Note is null}\" : null; }");

        Assert.That(shown, Is.EqualTo("a 0 True"));
    }

    [Test]
    public void A_field_that_is_gone_is_read_and_dropped()
    {
        var shown = Exchange(
            "public class Job { public int A = 1; public List<string> Gone = new() { \"x\" }; public (string, int) Pair = (\"y\", 2); public Guid Id; public string Z = \"z\"; } public static class App { public static object Make() => new[] { new Job(), new Job() }; }",
            "public class Job { public int A; public string Z; } public static class App { public static string Show(object o) => string.Join(' ', ((Job[])o).Select(j => j.A + j.Z)); }");

        Assert.That(shown, Is.EqualTo("1z 1z"));
    }

    [Test]
    public void Fields_in_another_order_keep_their_values()
    {
        var shown = Exchange(
            "public record Job(string Name, int Cores, string Host); public static class App { public static object Make() => new Job(\"n\", 3, \"h\"); }",
            "public record Job(string Host, double Load, int Cores, string Name); public static class App { public static string Show(object o) => o.ToString(); }");

        Assert.That(shown, Is.EqualTo("Job { Host = h, Load = 0, Cores = 3, Name = n }"));
    }

    [Test]
    public void Fields_of_one_name_in_a_class_and_its_base_are_told_apart()
    {
        var shown = Exchange(
            "public class Base { private int x = 1; public int BaseX => x; } public class Job : Base { private int x = 2; public int X => x; } public static class App { public static object Make() => new Job(); }",
            "public class Base { private int x; public int BaseX => x; private int y; } public class Job : Base { private int x; private int z; public string X => $\"{x} {BaseX}\"; } public static class App { public static string Show(object o) => ((Job)o).X; }");

        Assert.That(shown, Is.EqualTo("2 1"));
    }

    [Test]
    public void A_field_that_moves_to_a_base_keeps_its_value()
    {
        var shown = Exchange(
            "public class Job { public int Cores = 4; public int Other = 1; } public static class App { public static object Make() => new Job(); }",
            "public class Sized { public int Cores; } public class Job : Sized { public int Other; } public static class App { public static string Show(object o) => $\"{((Job)o).Cores} {((Job)o).Other}\"; }");

        Assert.That(shown, Is.EqualTo("4 1"));
    }

    [Test]
    public void A_field_that_becomes_a_property_keeps_its_value()
    {
        var shown = Exchange(
            "public class Job { public int Cores = 4; public string Name { get; init; } = \"n\"; } public static class App { public static object Make() => new Job(); }",
            "public class Job { public int Cores { get; init; } public string Name; } public static class App { public static string Show(object o) => $\"{((Job)o).Cores} {((Job)o).Name}\"; }");

        Assert.That(shown, Is.EqualTo("4 n"));
    }

    [Test]
    public void A_renamed_field_is_found_by_its_former_name()
    {
        var shown = Exchange(
            "public class Job { public int Cpus = 4; public string Title { get; init; } = \"t\"; } public static class App { public static object Make() => new Job(); }",
            "public class Job { [FormerName(\"Cpus\")] public int Cores; [FormerName(\"Title\")] public string Name { get; init; } } public static class App { public static string Show(object o) => $\"{((Job)o).Cores} {((Job)o).Name}\"; }");

        Assert.That(shown, Is.EqualTo("4 t"));
    }

    [Test]
    public void A_value_that_fits_a_field_of_another_type_is_kept()
    {
        var shown = Exchange(
            "public class Job { public int Cores = 4; public List<int> All = new() { 1, 2 }; public string Name = \"n\"; public int? Maybe = 7; } public static class App { public static object Make() => new Job(); }",
            "public class Job { public int? Cores; public IReadOnlyList<int> All; public object Name; public int Maybe; } public static class App { public static string Show(object o) => o is Job j ? $\"{j.Cores} {j.All.Count} {j.Name} {j.Maybe}\" : null; }");

        Assert.That(shown, Is.EqualTo("4 2 n 7"));
    }

    [TestCase("int Cores = 4", "long Cores",
        "Cores of Job is a System.Int64 here, but a System.Int32 was written: give a field a new name when its type changes.")]
    [TestCase("string Cores = \"a\"", "Uri Cores",
        "Cores of Job is a System.Uri here, but a System.String was written: give a field a new name when its type changes.")]
    [TestCase("int? Cores", "int Cores", "Cores of Job is a System.Int32 here, but null was written: give a field a new name when its type changes.")]
    public void A_value_of_another_type_is_an_error_that_names_field_and_types(string old, string now, string error)
    {
        Assert.That(() => Exchange(
            $"public class Job {{ public {old}; }} public static class App {{ public static object Make() => new Job(); }}",
            $"public class Job {{ public {now}; }} public static class App {{ public static string Show(object o) => null; }}"), Throws.TypeOf<SerializationException>().With.Message.EqualTo(error));
    }

    [Test]
    public void The_number_of_an_enum_is_kept()
    {
        var shown = Exchange(
            "public enum State { Idle, Busy = 7 } public class Job { public State State = State.Busy; public object Boxed = State.Busy; } public static class App { public static object Make() => new Job(); }",
            "public enum State { Idle, Waiting, Working = 7 } public class Job { public State State; public object Boxed; } public static class App { public static string Show(object o) => $\"{((Job)o).State} {((Job)o).Boxed}\"; }");

        Assert.That(shown, Is.EqualTo("Working Working"));
    }

    [Test]
    public void An_enum_of_another_size_is_an_error()
    {
        Assert.That(() => Exchange(
            "public enum State { Idle, Busy } public static class App { public static object Make() => State.Busy; }",
            "public enum State : long { Idle, Busy } public static class App { public static string Show(object o) => null; }"),
            Throws.TypeOf<SerializationException>().With.Message.StartsWith("State has another memory layout here"));
    }

    [Test]
    public void A_struct_alone_goes_by_the_names_of_its_fields()
    {
        var shown = Exchange(
            "public struct Point { public int X; public int Y; } public class Job { public Point At; public object Boxed; } public static class App { public static object Make() => new Job { At = new Point { X = 1, Y = 2 }, Boxed = new Point { X = 3, Y = 4 } }; }",
            "public struct Point { public int Y; public long Z; public int X; public override string ToString() => $\"{X}/{Y}/{Z}\"; } public class Job { public Point At; public object Boxed; } public static class App { public static string Show(object o) => $\"{((Job)o).At} {((Job)o).Boxed}\"; }");

        Assert.That(shown, Is.EqualTo("1/2/0 3/4/0"));
    }

    [TestCase("new[] { new Point() }")]
    [TestCase("new List<Point> { new Point() }")]
    [TestCase("new[] { (1, new Point()) }")]
    public void A_block_of_structs_of_another_layout_is_an_error(string made)
    {
        Assert.That(() => Exchange(
            $"public struct Point {{ public int X; public int Y; }} public static class App {{ public static object Make() => {made}; }}",
            "public struct Point { public int Y; public int X; } public static class App { public static string Show(object o) => null; }"),
            Throws.TypeOf<SerializationException>().With.Message.StartsWith("Point has another memory layout here than in the process that wrote it"));
    }

    [Test]
    public void What_is_dropped_needs_no_type_any_more()
    {
        var shown = Exchange(
            """
            public enum Kind { A, B } public struct Size { public string Unit; public int Value; }
            public class Address { public string Street = "s"; public Kind Kind = Kind.B; public Size Size = new() { Unit = "m", Value = 3 }; public Address Next; public object Any; }
            public class Job { public string A = "a"; public Address Gone = new() { Next = new Address(), Any = "a" }; public string Z = "z"; }
            public static class App { public static object Make() => new[] { new Job(), new Job() }; }
            """,
            "public class Job { public string A; public string Z; } public static class App { public static string Show(object o) => string.Join(' ', ((Job[])o).Select(j => j.A + j.Z)); }");

        Assert.That(shown, Is.EqualTo("az az"));
    }

    [Test]
    public void A_collection_of_a_type_that_is_gone_is_an_error_that_names_it()
    {
        Assert.That(() => Exchange(
            "public class Address { } public class Job { public List<Address> Gone = new() { new Address() }; } public static class App { public static object Make() => new Job(); }",
            "public class Job { } public static class App { public static string Show(object o) => null; }"),
            Throws.TypeOf<SerializationException>().With.Message.Contains("EvolvingApp").And.Message.Contains("type Address"));
    }

    [Test]
    public void What_was_dropped_cannot_be_shared_with_a_field_that_is_kept()
    {
        Assert.That(() => Exchange(
            "public class Address { } public class Job { public object A = new Address(); public object B; } public static class App { public static object Make() { var j = new Job(); j.B = j.A; return j; } }",
            "public class Job { public object B; } public static class App { public static string Show(object o) => null; }"),
            Throws.TypeOf<SerializationException>().With.Message.Contains("EvolvingApp").And.Message.Contains("type Address"));
    }

    [Test]
    public void A_class_of_a_kept_field_that_is_gone_is_an_error_that_names_it()
    {
        Assert.That(() => Exchange(
            "public class Address { } public class Job { public object At = new Address(); } public static class App { public static object Make() => new Job(); }",
            "public class Job { public object At; } public static class App { public static string Show(object o) => null; }"),
            Throws.TypeOf<SerializationException>().With.Message.Contains("EvolvingApp").And.Message.Contains("type Address"));
    }

    [Test]
    public void Fields_of_exceptions_go_by_name()
    {
        var shown = Exchange(
            "public class Failed : Exception { public int Code = 7; public string Gone = \"g\"; public Failed() : base(\"failed\") { } } public static class App { public static object Make() => new Failed(); }",
            "public class Failed : Exception { public string Note; public int Code; } public static class App { public static string Show(object o) => $\"{o.GetType()} {((Failed)o).Code} {((Failed)o).Message} {((Failed)o).Note is null}\"; }");

        Assert.That(shown, Is.EqualTo("Failed 7 failed True"));
    }

    [Test]
    public void Fields_of_a_collection_of_ones_own_go_by_name()
    {
        var shown = Exchange(
            "public class Names : List<string> { public int A = 1; public int Gone = 2; } public static class App { public static object Make() => new Names { \"x\", \"y\" }; }",
            "public class Names : List<string> { public int New; public int A; } public static class App { public static string Show(object o) => $\"{string.Join(',', (Names)o)} {((Names)o).A} {((Names)o).New}\"; }");

        Assert.That(shown, Is.EqualTo("x,y 1 0"));
    }

    [Test]
    public void Many_objects_of_an_old_version_are_read_as_one_is()
    {
        var shown = Exchange(
            "public class Job { public int A; public string B; public Job Next; } public static class App { public static object Make() => Enumerable.Range(0, 100).Select(i => new Job { A = i, B = \"b\" + i }).ToArray(); }",
            "public class Job { public string B; public int A; public long C; } public static class App { public static string Show(object o) => ((Job[])o).Select((j, i) => j.A == i && j.B == \"b\" + i).All(x => x).ToString(); }");

        Assert.That(shown, Is.EqualTo("True"));
    }

    [Test]
    public void Random_changes_of_an_old_version_are_errors_or_graphs()
    {
        var old = new CompiledApp(
            "public class Address { public string S = \"s\"; public int[] N = { 1 }; } public struct P { public int X; public string Y; } public class Job { public string A = \"a\"; public Address Gone = new(); public P P; public DateTime T; public string Z = \"z\"; } public static class App { public static object Make() => new[] { new Job(), new Job() }; }");
        var now = new CompiledApp("public class Job { public string Z; public string New; public DateTime T; } public static class App { }");
        var (bytes, random) = (old.Written(), new Random(3));

        for (var round = 0; round < 20_000; round++)
        {
            var changed = (byte[])bytes.Clone();
            for (var change = random.Next(1, 4); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(random.Next(1, 257));
            try
            {
                ObjectSerializer.Deserialize<object>(changed, now.Context);
            }
            catch (SerializationException)
            {
                // An error of its own is what is asked for.
            }
        }
    }

    private static string Exchange(string old, string now) => new CompiledApp(now).Shown(new CompiledApp(old).Written());
}
