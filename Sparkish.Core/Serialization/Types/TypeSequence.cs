using System.Diagnostics.CodeAnalysis;

namespace Sparkish.Serialization.Types;

/// <summary>A sequence of types, as a key.</summary>
internal sealed class TypeSequence : IEqualityComparer<Type[]>
{
    public static TypeSequence Comparer { get; } = new();

    public bool Equals(Type[]? x, Type[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] Type[] obj)
    {
        var hash = default(HashCode);
        foreach (var type in obj) hash.Add(type);
        return hash.ToHashCode();
    }
}
