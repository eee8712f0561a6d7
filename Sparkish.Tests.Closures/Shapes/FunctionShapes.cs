namespace Sparkish.Tests.Closures;

/// <summary>Functions that capture functions.</summary>
internal static class FunctionShapes
{
    public static IEnumerable<Shape> Make()
    {
        var connection = new Connection();
        Func<long> other = () => connection.Length;
        var k = 5;
        Func<int, int> inner = x => x + k;
        Func<int, int> absolute = Math.Abs;
        Func<int, int> many = x => x;
        many += x => x + k;
        var chain = Enumerable.Range(0, 3).Aggregate((Func<int, int>)(x => x), (f, step) => x => f(x) + step);
        Func<int, int>[] steps = [x => x + k, x => x * 2];
        List<Func<int, int>> list = [x => x - k, inner];
        (string Name, Func<int, int> Step) named = ("n", x => x + (10 * k));
        var pair = Tuple.Create("t", (Func<int, int>)(x => x * k));
        Func<int, int>[][] deep = [[x => x + k], [x => x - 1]];
        Func<int, int>[,] table = { { x => x * 3 }, { x => x + k } };
        Changer change = (ref int x) => x += k;
        Finder find = (int x, out string text) => (text = $"found {x}").Length > k;
        Predicate<int> odd = x => x % 2 == 1;
        Action<int> nothing = x => _ = x + k;
        nothing += _ => { };
        yield return new("captures a function", (int x) => inner(x) * 2, "18");
        yield return new("captures a function of the framework", (int x) => absolute(-x), "4");
        yield return new("makes a function", (int x) => new[] { 1, 2 }.Sum(n => n * x * k), "60");
        yield return new("makes functions two deep", (int x) => new[] { 1, 2 }.Sum(n => new[] { 3 }.Sum(m => m + n + k + x)), "27");
        yield return new("a function that returns functions", (int x) => Curry(k)(2)(x), "11");
        yield return new("a curried function's last part", Curry(k)(2), "11");
        yield return new("a chain of functions", chain, "7");
        yield return new("a multicast function", many, "9");
        yield return new("a multicast function captured", (int x) => many(x) + 1, "10");
        yield return new("an array of functions", (int x) => steps[1](steps[0](x)), "18");
        yield return new("a list of functions", (int x) => list[0](x) + list[1](x), "8");
        yield return new("a tuple with a function", (int x) => named.Name + named.Step(x), "n54");
        yield return new("a Tuple with a function", (int x) => pair.Item1 + pair.Item2(x), "t20");
        yield return new("arrays of arrays of functions", (int x) => deep[0][0](deep[1][0](x)), "8");
        yield return new("a matrix of functions", (int x) => table[1, 0](table[0, 0](x)), "17");
        yield return new("a ref parameter", change, "9; 9");
        yield return new("an out parameter", find, "True; found 4") { Arguments = [4, null] };
        yield return new("a predicate", odd, "False");
        yield return new("an action", nothing, "null");
        yield return new("a function of a function", (int x) => Apply(n => n + k, x), "9");
        GC.KeepAlive(other);
    }

    private static Func<int, Func<int, int>> Curry(int a) => b => c => a + b + c;

    private static int Apply(Func<int, int> function, int x) => function(x);
}
