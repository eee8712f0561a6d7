namespace Sparkish.Tests.Closures;

/// <summary>What later versions of C# brought.</summary>
internal static class NewSyntaxShapes
{
    private static readonly Delegate FromStaticConstructor;

    static NewSyntaxShapes()
    {
        var k = 6;
        FromStaticConstructor = (int x) => x + k;
    }

    extension(int number)
    {
        public int Tripled => number * 3;

        public Delegate Adder() => (int x) => x + number;
    }

    public static IEnumerable<Shape> Make()
    {
        var k = 5;
        var settings = new Settings();
        var tree = new Tree { Left = new Tree { Value = 3 } };
        var meter = new Meter { Limit = -4 };
        yield return new("a lambda of a static constructor", FromStaticConstructor, "10");
        yield return new("a property of an extension block", (int x) => x.Tripled + k, "17");
        yield return new("a lambda of an extension block", 7.Adder(), "11");
        yield return new("a null-conditional assignment", (int x) => { settings?.Name = text(x); return settings!.Name; }, "n4");
        yield return new("this: a property with the field keyword", meter.Make(), "4");
        yield return new("this: parameters of a primary constructor", new Primary(3, "p", new Connection()).Make(), "p7");
        yield return new("this: required and init members", new Required { Id = 2, Connection = new Connection() }.Make(), "6");
        yield return new("this: a record's members", new Line(1, 2, new Connection()).Make(), "7");
        yield return new("an object with children", (int x) => tree.Sum() + x, "7");
        yield return new("a lambda with parameter modifiers and no types", (Finder)((x, out text) => (text = $"{x + k}").Length == 1), "True; 9")
        {
            Arguments = [4, null],
        };
        yield return new("a function with params spans", (int x) => Count(x, k, 1), "3");

        static string text(int x) => $"n{x}";
    }

    private static int Count(params ReadOnlySpan<int> items) => items.Length;

    private sealed class Tree
    {
        public Tree? Left { get; init; }

        public int Value { get; init; }

        public int Sum() => Value + (Left?.Sum() ?? 0);
    }

    private sealed class Meter
    {
        private readonly Connection _connection = new();

        public int Limit { get; set => field = Math.Abs(value); }

        public long Size => _connection.Length;

        public Delegate Make() => (int x) => Math.Min(Limit, x);
    }

    private sealed class Primary(int factor, string name, Connection connection)
    {
        public long Size => connection.Length;

        public Delegate Make() => (int x) => name + (x + factor);
    }

    private sealed class Required
    {
        public required int Id { get; init; }

        public required Connection Connection { get; init; }

        public Delegate Make() => (int x) => x + Id;
    }

    private sealed record Line(int From, int To, Connection Connection)
    {
        public Delegate Make() => (int x) => From + To + x;
    }
}
