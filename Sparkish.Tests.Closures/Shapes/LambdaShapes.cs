using System.ComponentModel;
using System.Numerics;

namespace Sparkish.Tests.Closures;

/// <summary>Lambdas by what they capture.</summary>
internal static class LambdaShapes
{
    private static int _static = 10;

    public static IEnumerable<Shape> Make()
    {
        var connection = new Connection();
        Func<long> sibling = () => connection.Length;
        int k = 5;
        var text = "hey";
        var settings = new Settings();
        (string Name, int Count) pair = ("p", 7);
        int? maybe = 8;
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "A" };
        int[] numbers = [1, 2, 3];
        var matrix = new[,] { { 1, 2 }, { 3, 4 } };
        object boxed = DayOfWeek.Friday;
        var type = typeof(Settings);
        var failure = new InvalidOperationException("told");
        var point = new Point(1, 2);
        var color = Color.Green;
        var big = BigInteger.Pow(2, 70);
        var comparer = Comparer<int>.Create((a, b) => b - a);
        const int constant = 11;
        var anonymous = new { Id = 3, Name = "n" };
        var late = 1;
        Func<int, int> sees = x => x + late;
        late = 100;
        yield return new("captures nothing", (int x) => x + 1, "5");
        yield return new("a static lambda", static (int x) => x + 1, "5");
        yield return new("uses a static field, which stays here", (int x) => x + _static, "14");
        yield return new("captures a local constant", (int x) => x + constant, "15");
        yield return new("captures an int and a string", (int x) => text + (x * k), "hey20");
        yield return new("captures an object of the program", (int x) => settings.Numbers["a"] + settings.Name.Length + x, "12");
        yield return new("captures a tuple", (int x) => pair.Name + pair.Count + x, "p74");
        yield return new("captures a nullable", (int x) => maybe + x, "12");
        yield return new("captures a set with a comparer", (int x) => set.Contains("a") ? x : -x, "4");
        yield return new("captures an array", (int x) => numbers[x % 3], "2");
        yield return new("captures a matrix", (int x) => matrix[1, x % 2], "3");
        yield return new("captures a boxed value", (int x) => $"{boxed}{x}", "Friday4");
        yield return new("captures a type", (int x) => type.Name + x, "Settings4");
        yield return new("captures an exception", (int x) => failure.Message + x, "told4");
        yield return new("captures a record and copies it with other members", (int x) => point with { X = x }, "Point { X = 4, Y = 2, Sum = 6 }");
        yield return new("captures an enum", (int x) => color == Color.Green ? x : 0, "4");
        yield return new("captures a big number", (int x) => big + x, "1180591620717411303428");
        yield return new("captures a comparer made of a function", (int x) => comparer.Compare(x, 1), "-3");
        yield return new("captures an anonymous object", (int x) => anonymous.Name + (anonymous.Id + x), "n7");
        yield return new("captures a variable that was set later", sees, "104");
        yield return new("captures a variable that it changes", (int x) => { late += x; return late; }, "104");
        yield return new("has a default argument", (int x, int y = 2) => x + y + k, "12") { Arguments = [4, 3] };
        yield return new("takes many arguments", (int x, params int[] more) => x + more.Length + k, "11") { Arguments = [4, new[] { 1, 1 }] };
        yield return new("has attributes", [Description("a lambda")] ([Description("a number")] int x) => x + k, "9");
        yield return new("discards its arguments", (int _, int _) => k, "5") { Arguments = [1, 2] };
        yield return new("returns nothing", (int x) => { settings.Name = text + x; }, "null");
        GC.KeepAlive(sibling);
    }
}
