using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Sparkish.Tests.Keys;

/// <summary>Random types of keys, random values of them, and values that are equal to others but look different.</summary>
internal sealed class RandomKeys(Random random)
{
    private static readonly string?[] Texts =
        [null, "", "a", "A", "b", "é", "e\u0301", "Z", "ab", "co-op", "coop", "\ud83d\ude00", "\ud83d", "ÿ", "\uffff", "İ"];

    private static readonly Leaf[] Leaves =
    [
        Of(static r => Texts[r.Next(Texts.Length)], static (text, _) => text is null ? null : new string(text.AsSpan())),
        Of(static r => r.Next(-3, 3)),
        Of(static r => r.NextInt64(-3, 3) << 33),
        Of(static r => (byte)r.Next(4)),
        Of(static r => r.Next(2) == 0),
        Of(static r => (char)r.Next('a', 'd')),
        Of(static r => new decimal(r.Next(-200, 200), 0, 0, r.Next(2) == 0, (byte)r.Next(3)), static (value, r) => value * (r.Next(2) == 0 ? 1.0m : 1.0000m)),
        Of(static r => r.Next(6) switch { 0 => double.NaN, 1 => double.PositiveInfinity, var n => n - 3.0 },
            static (value, _) => value == 0 ? -value : double.IsNaN(value) ? BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0007) : value),
        Of(static r => r.Next(5) switch { 0 => float.NaN, var n => n - 2f }, static (value, _) => value == 0 ? -value : value),
        Of(static r => (Half)(r.Next(4) - 2), static (value, _) => value == Half.Zero ? -value : value),
        Of(static r => new DateTime(r.Next(3), DateTimeKind.Unspecified), static (value, r) => DateTime.SpecifyKind(value, (DateTimeKind)r.Next(3))),
        Of(static r => new DateTimeOffset(2026, 1, 1, r.Next(4), 0, 0, TimeSpan.FromHours(r.Next(3))),
            static (value, r) => value.ToOffset(TimeSpan.FromHours(r.Next(-5, 5)))),
        Of(static r => new DateOnly(2026, 1, 1 + r.Next(3))),
        Of(static r => new TimeOnly(r.Next(3))),
        Of(static r => TimeSpan.FromTicks(r.Next(3))),
        Of(static r => new Guid(r.Next(3), 0, 0, new byte[8])),
        Of(static r => (BigInteger)r.Next(-3, 3) << 80),
        Of(static r => (Int128)r.Next(-3, 3) << 80),
        Of(static r => new Rune('a' + r.Next(3))),
        Of(static r => (DayOfWeek)r.Next(3)),
        Of(static r => new Version(1, r.Next(3)), static (value, _) => Version.Parse(value.ToString())),
        Of(static r => new Uri($"http://host{r.Next(3)}.example/a"),
            static (value, _) => new Uri($"HTTP://{value.Host.ToUpper(CultureInfo.InvariantCulture)}:80/a")),
        Of(static r => new AnyCase(r.Next(2) == 0 ? "x" : "y"), static (value, _) => new AnyCase(value.Text.ToUpperInvariant())),
    ];

    private static readonly Dictionary<Type, Leaf> ByType = Leaves.ToDictionary(static leaf => leaf.Type);

    private static readonly Type[] Compounds =
    [
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,,,>), typeof(Tuple<>),
        typeof(Tuple<,>),
        typeof(Tuple<,,>), typeof(Tuple<,,,,>), typeof(KeyValuePair<,>), typeof(Pair<,>), typeof(Couple<,>), typeof(PlainOf<>), typeof(Nullable<>),
        typeof(FSharpOption<>), typeof(FSharpList<>), typeof(FSharpValueOption<>), new { First = 1, Second = 2 }.GetType().GetGenericTypeDefinition(),
    ];

    /// <summary>A type that can be a key.</summary>
    public Type NextType(int depth = 3)
    {
        if (depth == 0 || random.Next(4) == 0) return Leaves[random.Next(Leaves.Length)].Type;
        var definition = Compounds[random.Next(Compounds.Length)];
        if (definition != typeof(Nullable<>)) return definition.MakeGenericType([.. definition.GetGenericArguments().Select(_ => NextType(depth - 1))]);
        while (true)
        {
            var inner = NextType(depth - 1);
            if (inner.IsValueType && Nullable.GetUnderlyingType(inner) is null) return definition.MakeGenericType(inner);
        }
    }

    /// <summary>A value of a type, out of few, so that equal ones are frequent.</summary>
    public object? NextValue(Type type)
    {
        if (ByType.TryGetValue(type, out var leaf)) return leaf.Make(random);
        if (Nullable.GetUnderlyingType(type) is { } inner) return random.Next(4) == 0 ? null : NextValue(inner);
        var part = type.IsConstructedGenericType ? type.GenericTypeArguments[0] : type;
        if (Definition(type) == typeof(FSharpList<>)) return List(type, [.. Enumerable.Range(0, random.Next(3)).Select(_ => NextValue(part))]);
        if (Definition(type) == typeof(FSharpOption<>)) return random.Next(3) == 0 ? null : Activator.CreateInstance(type, NextValue(part));
        if (Definition(type) == typeof(FSharpValueOption<>))
            return random.Next(3) == 0 ? RuntimeHelpers.GetUninitializedObject(type) : Some(type, NextValue(part));
        if (!type.IsValueType && random.Next(10) == 0) return null;
        return Make(type, field => NextValue(field.FieldType));
    }

    /// <summary>A value that is equal to a given one, and may look different.</summary>
    public object? Disguise(Type type, object? value)
    {
        if (value is null) return null;
        if (ByType.TryGetValue(type, out var leaf)) return leaf.Disguise(value, random);
        if (Nullable.GetUnderlyingType(type) is { } inner) return Disguise(inner, value);
        if (Definition(type) == typeof(FSharpList<>))
            return List(type, [.. ((System.Collections.IEnumerable)value).Cast<object?>().Select(part => Disguise(type.GenericTypeArguments[0], part))]);
        if (Definition(type) == typeof(FSharpOption<>)) return Activator.CreateInstance(type, Disguise(type.GenericTypeArguments[0], Value(value)));
        if (Definition(type) == typeof(FSharpValueOption<>)) return IsNone(value) ? value : Some(type, Disguise(type.GenericTypeArguments[0], Value(value)));
        return Make(type, field => Disguise(field.FieldType, field.GetValue(value)));
    }

    private static object Make(Type type, Func<FieldInfo, object?> part)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)) field.SetValue(made, part(field));
        return made;
    }

    private static object List(Type type, object?[] elements)
    {
        var list = type.GetProperty("Empty")!.GetValue(null);
        foreach (var element in elements.Reverse()) list = type.GetMethod("Cons")!.Invoke(null, [element, list]);
        return list!;
    }

    private static object Some(Type type, object? value) => type.GetMethod("NewValueSome")!.Invoke(null, [value])!;

    private static bool IsNone(object value) => (int)value.GetType().GetProperty("Tag")!.GetValue(value)! == 0;

    private static object? Value(object option) => option.GetType().GetProperty("Value")!.GetValue(option);

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private static Leaf Of<T>(Func<Random, T> make, Func<T, Random, T>? disguise = null) =>
        new(typeof(T), r => make(r), (value, r) => disguise is null ? value : disguise((T)value, r));

    private sealed record Leaf(Type Type, Func<Random, object?> Make, Func<object, Random, object?> Disguise);
}
