namespace Sparkish.Tests.Closures;

/// <summary>Structs: captured as values, and their methods as functions, which take a copy of the whole.</summary>
internal static class StructShapes
{
    public static IEnumerable<Shape> Make()
    {
        var weight = new Weight { Count = 2, Unit = "kg" };
        Weight[] weights = [weight, weight];
        var nested = new Outer<int> { Inner = weight, Value = 9 };
        var record = new Money(3, "EUR");
        yield return new("captures a struct", (int x) => weight.Unit + weight.Count + x, "kg24");
        yield return new("captures an array of structs", (int x) => weights[1].Unit + x, "kg4");
        yield return new("captures a struct that it changes", (int x) => weight.Count += x, "6");
        yield return new("captures a generic struct", (int x) => nested.Inner.Unit + (nested.Value + x), "kg13");
        yield return new("captures a record struct and copies it", (int x) => (record with { Amount = x }).ToString(), "Money { Amount = 4, Currency = EUR }");
        yield return new("a method of a struct", weight.Times, "8");
        yield return new("a lambda in a struct, with a copy of it", weight.Make(), "kg6");
        yield return new("a lambda in a generic struct", nested.Make("p"), "pInt3294");
        yield return new("an inline array", InlineBuffer(), "7");
    }

    private struct Weight
    {
        public int Count;
        public string Unit;

        public readonly int Times(int x) => x * Count;

        public readonly Delegate Make()
        {
            var copy = this;
            return (int x) => copy.Unit + (copy.Count + x);
        }
    }

    private struct Outer<T>
    {
        public Weight Inner;
        public T Value;

        public readonly Delegate Make(string prefix)
        {
            var value = Value;
            return (int x) => prefix + typeof(T).Name + value + x;
        }
    }

    private readonly record struct Money(int Amount, string Currency);

    [System.Runtime.CompilerServices.InlineArray(3)]
    private struct Buffer
    {
        private int _first;
    }

    private static Delegate InlineBuffer()
    {
        var buffer = new Buffer();
        buffer[1] = 3;
        return (int x) => buffer[1] + x;
    }
}
