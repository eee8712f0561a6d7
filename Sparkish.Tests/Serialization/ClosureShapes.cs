#pragma warning disable CA1051 // fields are what is tested
namespace Sparkish.Tests.Serialization;

public sealed class Settings
{
    public string Name { get; set; } = "cfg";

    public Dictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal) { ["a"] = 5 };
}

public struct Weight
{
    public int Count;
    public string Unit;
}

public class Worker(int factor)
{
    private readonly int _offset = 3;

    public Func<int, object> UseField() => x => x + _offset;

    public Func<int, object> UseParameter() => x => x * factor;

    public Func<int, object> UseThisAndLocal(int k) => x => (x * factor) + k + _offset;

    public Func<int, object> Group() => Times;

    public virtual object Times(int x) => x * factor;
}

public sealed class Doubler(int factor) : Worker(factor)
{
    public override object Times(int x) => 2 * (int)base.Times(x);
}

public static class Generic<T>
{
    public static Func<int, object> Lambda(string prefix) => x => prefix + typeof(T).Name + x;

    public static Func<int, object> Plain() => static x => typeof(T).Name + x;
}

public static class ClosureExtensions
{
    public static object Tag(this string text, int x) => text + x;
}

/// <summary>Functions of every shape that a C# compiler makes, each of which must do the same after its journey.</summary>
public static class ClosureShapes
{
    private static int _static = 10;

    public static IEnumerable<TestCaseData> All => Make().Select(shape => new TestCaseData(shape.Function).SetArgDisplayNames(shape.Name));

    private static IEnumerable<(string Name, Func<int, object> Function)> Make()
    {
        int k = 5;
        var text = "hey";
        var settings = new Settings();
        var weight = new Weight { Count = 2, Unit = "kg" };
        (string, int) pair = ("p", 7);
        int? maybe = 8;
        Func<int, int> inner = x => x + k;
        Func<int, object>? factorial = null;
        factorial = x => x <= 1 ? 1 : x * (int)factorial!(x - 1);
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "A" };
        int[] numbers = [1, 2, 3];
        var matrix = new[,] { { 1, 2 }, { 3, 4 } };
        Weight[] weights = [weight, weight];
        var comparer = Comparer<int>.Create((a, b) => b - a);
        int Local(int x) => x + k;
        int Recursive(int x) => x == 0 ? k : Recursive(x - 1);
        IEnumerable<int> Iterator(int count)
        {
            for (var i = 0; i < count; i++) yield return i * k;
        }

        yield return ("captures nothing", x => x + 1);
        yield return ("static lambda", static x => x + 1);
        yield return ("static field", x => x + _static);
        yield return ("captures int and string", x => text + (x * k));
        yield return ("captures a class with a dictionary", x => settings.Numbers["a"] + settings.Name.Length + x);
        yield return ("captures a struct with a reference", x => weight.Unit + weight.Count + x);
        yield return ("captures a tuple", x => pair.Item1 + pair.Item2 + x);
        yield return ("captures a nullable", x => maybe! + x);
        yield return ("captures another function", x => inner(x) + 1);
        yield return ("makes another function", x => numbers.Sum(n => n * x * k));
        yield return ("makes functions two deep", x => numbers.Sum(n => numbers.Select(m => m + n + k + x).Sum()));
        yield return ("captures itself", factorial);
        yield return ("calls a local function", x => Local(x));
        yield return ("local function as a delegate", x => ((Func<int, int>)Recursive)(x));
        yield return ("calls an iterator", x => Iterator(x).Sum());
        yield return ("async", x => RunAsync(x, k).Result);
        yield return ("async lambda inside", x => ((Func<Task<int>>)(async () =>
        {
            await Task.Yield();
            return x + k;
        }))().Result);
        yield return ("captures a set with a comparer", x => set.Contains("a") ? x : -x);
        yield return ("captures an array", x => numbers[x % 3]);
        yield return ("captures a matrix", x => matrix[1, x % 2]);
        yield return ("captures an array of structs", x => weights[1].Unit + x);
        yield return ("captures a comparer made of a function", x => comparer.Compare(x, 1));
        yield return ("method group of a static method", Static);
        yield return ("method group of an object", new Worker(4).Group());
        yield return ("method group of a virtual method", new Doubler(4).Group());
        yield return ("extension method with its first argument", text.Tag);
        yield return ("uses a field of this", new Worker(4).UseField());
        yield return ("uses a parameter of a primary constructor", new Worker(4).UseParameter());
        yield return ("uses this and a local", new Worker(4).UseThisAndLocal(9));
        yield return ("lambda in a generic class", Generic<string>.Lambda("p"));
        yield return ("plain lambda in a generic class", Generic<List<int>>.Plain());
        yield return ("lambda in a generic method", InGenericMethod(settings.Name, "q"));
        yield return ("plain lambda in a generic method", PlainInGenericMethod<Settings>());
        yield return ("framework method group captured", x => Apply(Math.Abs, x));
        Func<int, int> absolute = Math.Abs;
        Func<string, bool> contains = set.Contains;
        yield return ("framework methods as captured functions", x => contains("A") ? absolute(-x) : 0);
        for (var i = 0; i < 2; i++)
        {
            var j = i;
            yield return ($"captures variables of two scopes {i}", x => (j * 100) + k + x);
        }

        var failure = new InvalidOperationException("told");
        yield return ("captures an exception", x => failure.Message + x);
        Func<int, object> many = x => x;
        many += x => x + k;
        yield return ("multicast", many);
        yield return ("captures a boxed value and a type", MakeBoxed(DayOfWeek.Friday, typeof(Settings)));
        var chain = Enumerable.Range(0, 3).Aggregate((Func<int, int>)(x => x), (f, step) => x => f(x) + step);
        yield return ("a chain of functions", x => chain(x));
    }

    private static Func<int, object> MakeBoxed(object boxed, Type type) => x => $"{boxed}{type.Name}{x}";

    private static object Static(int x) => x + 100;

    private static int Apply(Func<int, int> function, int x) => function(-x);

    private static async Task<int> RunAsync(int x, int k)
    {
        await Task.Yield();
        return x + k;
    }

    private static Func<int, object> InGenericMethod<T>(T value, string prefix) => x => $"{prefix}{value}{typeof(T).Name}{x}";

    private static Func<int, object> PlainInGenericMethod<T>() => static x => typeof(T).Name + x;
}
