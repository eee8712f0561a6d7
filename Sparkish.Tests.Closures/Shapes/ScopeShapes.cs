namespace Sparkish.Tests.Closures;

/// <summary>Lambdas by the scopes that their variables are of.</summary>
internal static class ScopeShapes
{
    public static IEnumerable<Shape> Make()
    {
        var shapes = new List<Shape>();
        var connection = new Connection();
        Func<long> other = () => connection.Length;
        var k = 5;
        for (var i = 0; i < 2; i++)
        {
            var j = i;
            Func<long> sibling = () => connection.Length + j;
            shapes.Add(new($"a variable of a for loop's body, {i}", (int x) => (j * 100) + x, $"{(i * 100) + 4}"));
            shapes.Add(new($"variables of a loop and of the method around it, {i}", (int x) => (j * 100) + k + x, $"{(i * 100) + 9}"));
            GC.KeepAlive(sibling);
        }

        for (var i = 0; i < 1; i++) shapes.Add(new("the counter of a for loop, as it is after the loop", (int x) => i + x, "5"));
        foreach (var (name, value) in new[] { ("one", 1), ("two", 2) })
            shapes.Add(new($"a foreach variable, {name}", (int x) => name + (value + x), $"{name}{value + 4}"));

        var left = 1;
        while (left > 0)
        {
            var now = left--;
            shapes.Add(new("a variable of a while loop's body", (int x) => now + x, "5"));
        }

        if (new object() is { } found && k is int matched and > 3)
        {
            shapes.Add(new("a variable of a pattern", (int x) => matched + x, "9"));
            Func<object> keeps = () => found;
            GC.KeepAlive(keeps);
        }

        using (var scoped = new StringReader("line"))
        {
            var line = scoped.ReadLine();
            shapes.Add(new("a variable of a using block", (int x) => line + x, "line4"));
            Func<int> reads = scoped.Read;
            GC.KeepAlive(reads);
        }

        try
        {
            throw new InvalidOperationException("caught");
        }
        catch (InvalidOperationException e) when (e.Message.Length > 0)
        {
            shapes.Add(new("a variable of a catch block", (int x) => e.Message.Length + x, "10"));
        }

        switch (k)
        {
            case var same:
                shapes.Add(new("a variable of a switch section", (int x) => same + x, "9"));
                break;
        }

        shapes.Add(new("two scopes deep, the outer one unused", Deep(connection)(7), "11"));
        shapes.Add(new("a query with let and join", Query([1, 2, 3, 4]), "[2, 4, 6, 8]"));
        GC.KeepAlive(other);
        return shapes;
    }

    private static Func<int, Delegate> Deep(Connection connection) => n =>
    {
        Func<long> sibling = () => connection.Length + n;
        GC.KeepAlive(sibling);
        return (int x) => x + n;
    };

    private static Delegate Query(int[] numbers) => (int x) =>
        from n in numbers
        let twice = n * 2
        join m in numbers on n equals m
        where n <= x
        orderby twice
        select twice;
}
