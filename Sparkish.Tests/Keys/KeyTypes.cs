#pragma warning disable MA0048, CA1815, CA1066, CA1067, CS0649, MA0095 // types of keys as applications write them
using System.Runtime.CompilerServices;

namespace Sparkish.Tests.Keys;

internal sealed record Price(string Currency, decimal Amount);

internal sealed record Order(Price Price, DateTimeOffset At);

internal readonly record struct Point(double X, double? Y);

internal abstract record Shape(string Name);

internal sealed record Circle(string Name, double Radius) : Shape(Name);

internal sealed record Polygon(string Name, int[] Sides) : Shape(Name);

internal record Animal(string Name);

internal record Dog(string Name, decimal Weight) : Animal(Name);

internal sealed record Chain(decimal Value, Chain? Next);

internal sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);

internal readonly record struct Couple<TFirst, TSecond>(TFirst First, TSecond Second);

internal struct Plain
{
    public decimal Amount;
    public string? Name;
}

internal struct PlainOf<T>
{
    public T Value;
    public int Number;
}

internal enum Color : byte
{
    Red,
    Green,
}

/// <summary>Equal whatever the case of its text.</summary>
internal sealed class AnyCase(string text) : IEquatable<AnyCase>, IStableHashCode
{
    public string Text { get; } = text;

    public bool Equals(AnyCase? other) => other is not null && string.Equals(Text, other.Text, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as AnyCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

    public int GetStableHashCode() => StableHash.Of(Text.ToUpperInvariant());
}

internal sealed class OwnEquals(string text)
{
    private readonly string _text = text;

    public override bool Equals(object? obj) => obj is OwnEquals other && string.Equals(_text, other._text, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_text);
}

internal struct OwnEquatable : IEquatable<OwnEquatable>
{
    public int Number;

    public readonly bool Equals(OwnEquatable other) => Number % 10 == other.Number % 10;
}

internal sealed record OwnRecord(string Text)
{
    public bool Equals(OwnRecord? other) => other is not null && string.Equals(Text, other.Text, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);
}

internal class ByReference
{
    public int Number { get; init; }
}

internal sealed class HashWithoutEquals : IStableHashCode
{
    public int GetStableHashCode() => 1;
}

internal sealed record Unsent(int Number)
{
    [field: NonSerialized]
    public int Cached { get; set; }
}

[InlineArray(2)]
internal struct Two
{
    private int _element;
}

internal sealed record Ranked(string Name, int Rank) : IComparable<Ranked>
{
    public int CompareTo(Ranked? other) => Rank.CompareTo(other?.Rank);
}
