namespace Sparkish.Tests.Closures;

/// <summary>Methods and local functions as functions.</summary>
internal static class MethodShapes
{
    public static IEnumerable<Shape> Make()
    {
        var k = 5;
        var text = "hey";
        var connection = new Connection();
        int Local(int x) => x + k;
        static int Static(int x) => x * 2;
        int Recursive(int x) => x == 0 ? k : Recursive(x - 1);
        bool Even(int x) => x == 0 || Odd(x - 1);
        bool Odd(int x) => x != 0 && Even(x - 1);
        int Fibonacci(int x) => x < 2 ? x : Fibonacci(x - 1) + Fibonacci(x - 2);
        T Same<T>(T value) => k > 0 ? value : default!;
        long Length() => connection.Length;
        IEnumerable<int> Iterator(int count)
        {
            for (var i = 0; i < count; i++) yield return i * k;
        }

        Func<int, int>? factorial = null;
        factorial = x => x <= 1 ? 1 : x * factorial!(x - 1);
        yield return new("a local function", Local, "9");
        yield return new("a static local function", Static, "8");
        yield return new("a lambda that calls a local function", (int x) => Local(x), "9");
        yield return new("a local function that calls itself", Recursive, "5");
        yield return new("local functions that call each other", (int x) => Even(x), "True");
        yield return new("a local function without variables that calls itself", (int x) => Fibonacci(x), "3");
        yield return new("a generic local function", (int x) => Same(text) + Same(x), "hey4");
        yield return new("a local function as a delegate inside", (int x) => ((Func<int, int>)Recursive)(x), "5");
        yield return new("a local iterator", (int x) => Iterator(x), "[0, 5, 10, 15]");
        yield return new("a lambda that captures itself", factorial, "24");
        yield return new("a static method", Hundred, "104");
        yield return new("a static method of the framework", (Func<int, int>)Math.Abs, "4");
        yield return new("a method of an object", new Scale(4, new Connection()).Times, "16");
        yield return new("a virtual method of an object", ((Scale)new DoubleScale(4, new Connection())).Virtual, "32");
        yield return new("a method that an object inherits", new DoubleScale(4, new Connection()).Times, "16");
        yield return new("a method of an interface", ((IScale)new DoubleScale(4, new Connection())).Hidden, "0");
        yield return new("a generic method", Twins<string>, "[s, s]") { Arguments = ["s"] };
        yield return new("an extension method with its first argument", text.Tag, "hey4");
        yield return new("an extension method inside", (int x) => x.Plus(k), "9");
        GC.KeepAlive((Func<long>)Length);
    }

    private static int Hundred(int x) => x + 100;

    private static T[] Twins<T>(T value) => [value, value];

    private interface IScale
    {
        int Hidden(int x);
    }

    private class Scale(int factor, Connection connection) : IScale
    {
        public int Times(int x) => x * factor;

        public virtual int Virtual(int x) => Times(x);

        public long Length() => connection.Length;

        int IScale.Hidden(int x) => x - factor;
    }

    private sealed class DoubleScale(int factor, Connection connection) : Scale(factor, connection)
    {
        public override int Virtual(int x) => 2 * base.Virtual(x);
    }
}
