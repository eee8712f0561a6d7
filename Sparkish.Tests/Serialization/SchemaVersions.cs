using System.Collections.Immutable;
using System.Numerics;
using Sparkish.Serialization;

namespace Sparkish.Tests.Serialization;

/// <summary>Types in two versions, for transcoding, and types of every shape, for JSON.</summary>
public static class SchemaVersions
{
    public enum Color : byte
    {
        Red,
        Green,
    }

    public enum WideColor
    {
        Red,
        Green,
    }

    public sealed record Address(string Street, int Number);

    public sealed record AddressWithCity(string City, int Number, string Street, string Country = "France");

    public sealed record Machine(string Id, int Cores, Address Home, List<Address?>? Others, Dictionary<string, short> Load, string Removed);

    public sealed record MachineNow(
        string Id, long Cores, AddressWithCity Home, AddressWithCity?[]? Others, ImmutableSortedDictionary<string, double> Load,
            int Added = 7, WideColor Color = WideColor.Green, string? Text = null);

    public sealed record Renamed(string Name, int Count);

    public sealed record RenamedNow([property: FormerName("Name")] string Title, int Count);

    public sealed record Linked(int Value, Linked? Next);

    public sealed record LinkedNow(Linked? Ignored, long Value, LinkedNow? Next);

    public readonly record struct Spot(int X, int Y);

    public readonly record struct SpotNow(int Z, long X, long Y);

    public sealed record Mixed(Spot Where, Color Paint, int? Maybe, int Sure);

    public sealed record MixedNow(SpotNow Where, WideColor Paint, long? Maybe, long? Sure);

    public sealed record Texts(string Value);

    public sealed record Numbers(int Value);

    public sealed record Inner(Texts Part);

    public sealed record InnerNow(Numbers Part);

    [Extensible]
    public sealed record Extended(string Name, int Age);

    public sealed record Fixed(string Name, long Age, string City = "Paris");

    public sealed record Tokens(Token Token, int Number);

    public sealed record TokensNow(long Number, Token Token);

    public sealed record WithObject(int Number, object Anything);

    public sealed record Everything(
        bool Bool, sbyte SByte, byte Byte, short Short, ushort UShort, int Int, uint UInt, long Long, ulong ULong, float Float, double Double, decimal Decimal,
        char Char, Guid Guid, DateTime DateTime, DateTimeOffset Offset, TimeSpan TimeSpan, string? Text, int? Maybe, Color Color, Color? MaybeColor)
    {
        public DateOnly Date { get; init; } = new(2026, 11, 21);

        public TimeOnly Time { get; init; } = new(23, 59, 58, 123);

        public Half Half { get; init; } = (Half)1.5;

        public Int128 Large { get; init; } = Int128.MaxValue;

        public UInt128 Huge { get; init; } = UInt128.MaxValue;
    }

    public sealed record Collections(
        int[]? Ints, List<string?>? Texts, byte[]? Bytes, HashSet<int>? Set, Dictionary<string, Spot>? Map,
            SortedDictionary<int, string>? Sorted, ImmutableArray<Spot> Points,
        Queue<int>? Queue, Linked? Linked, Uri? Link, Version? Version);

    public sealed record Odd(BigInteger Big, int[,] Matrix, Dictionary<Spot, int> ByPoint, Index Index);

    public class Open
    {
        public int Value { get; init; }
    }

    public sealed class Derived : Open
    {
        public int More { get; init; }
    }
}
