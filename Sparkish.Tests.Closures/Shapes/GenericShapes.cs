using System.Numerics;

namespace Sparkish.Tests.Closures;

/// <summary>Lambdas in generic classes and methods.</summary>
internal static class GenericShapes
{
    public static IEnumerable<Shape> Make()
    {
        yield return new("in a generic class", Holder<string>.Lambda("p"), "pString4");
        yield return new("in a generic class, without variables", Holder<List<int>>.Plain(), "List`14");
        yield return new("in a generic method", InMethod(new Settings(), "q"), "qSettings4");
        yield return new("in a generic method, without variables", PlainInMethod<Settings>(), "Settings4");
        yield return new("in a generic method of a generic class", Holder<string>.Both(7), "StringInt3274");
        yield return new("this: in a generic class", new Box<string>("v", new Connection()).Make(), "v4");
        yield return new("this: in a generic base class", new Box2("v", new Connection()).Make(), "v!4");
        yield return new("this: in a generic method", new Box<string>("v", new Connection()).MakeGeneric(5L), "v54");
        yield return new("this: a generic method of it", new Box<string>("v", new Connection()).CallsGeneric(), "v4");
        yield return new("static abstract members", SumOf<int>([1, 2, 3]), "10");
        yield return new("a method of a type parameter's interface", Compared(3), "1");
    }

    private static Delegate InMethod<T>(T value, string prefix) where T : class => (int x) => $"{prefix}{value.GetType().Name}{x}";

    private static Delegate PlainInMethod<T>() => static (int x) => typeof(T).Name + x;

    private static Delegate SumOf<T>(T[] values) where T : INumber<T> => (int x) => values.Aggregate(T.Zero, (a, b) => a + b) + T.CreateChecked(x);

    private static Delegate Compared<T>(T value) where T : IComparable<int> => (int x) => -value.CompareTo(x);

    private static class Holder<T>
    {
        public static Delegate Lambda(string prefix) => (int x) => prefix + typeof(T).Name + x;

        public static Delegate Plain() => static (int x) => typeof(T).Name + x;

        public static Delegate Both<TOther>(TOther other) => (int x) => $"{typeof(T).Name}{typeof(TOther).Name}{other}{x}";
    }

    private class Box<T>(T value, Connection connection)
    {
        public long Size => connection.Length;

        protected virtual string Text() => $"{value}";

        public Delegate Make() => (int x) => Text() + x;

        public Delegate MakeGeneric<TOther>(TOther other) => (int x) => $"{value}{other}{x}";

        public Delegate CallsGeneric() => (int x) => Joined(x);

        private string Joined<TOther>(TOther other) => $"{value}{other}";
    }

    private sealed class Box2(string value, Connection connection) : Box<string>(value, connection)
    {
        protected override string Text() => base.Text() + "!";
    }
}
