#pragma warning disable MA0048 // the hashers are a few lines each
using System.Runtime.CompilerServices;

namespace Sparkish.Keys;

/// <summary>Hashes by a function, which never receives null.</summary>
internal sealed class FunctionHasher<T>(Func<T, uint> hash) : KeyHasher<T>
{
    public override uint Hash(T key) => key is null ? 0 : hash(key);
}

internal sealed class NullableHasher<T> : KeyHasher<T?> where T : struct
{
    public override uint Hash(T? key) => key is { } value ? KeyHasher<T>.Default.Hash(value) : 0;
}

/// <summary>Asks the keys.</summary>
internal sealed class OwnHasher<T> : KeyHasher<T>
{
    public override uint Hash(T key) => key is null ? 0 : HashMix.Finish((uint)((IStableHashCode)key).GetStableHashCode());
}

/// <summary>Hashes the elements of an F# list, set or map in their order.</summary>
internal sealed class ElementsHasher<TCollection, T> : KeyHasher<TCollection> where TCollection : IEnumerable<T>
{
    public override uint Hash(TCollection key)
    {
        if (key is null) return 0;
        uint hash = 1;
        foreach (var element in key) hash = HashMix.Combine(hash, KeyHasher<T>.Default.Hash(element));
        return hash;
    }
}

/// <summary>Hashes records of an inheritable type: derived records are never equal to it and have their own hashers.</summary>
/// <param name="hash">Hashes records of the type itself; null without such a hasher.</param>
internal sealed class OpenHasher<T>(Func<T, uint>? hash) : KeyHasher<T> where T : class
{
    public override uint Hash(T key)
    {
        if (key is null) return 0;
        if (key.GetType() == typeof(T) && hash is not null) return hash(key);
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return KeyHasherFactory.Of(key.GetType()).HashObject(key);
    }
}

/// <summary>Stands for a type that cannot be a key: used if a record of a derived type occurs.</summary>
internal sealed class RefusedHasher<T>(string reason) : KeyHasher<T>
{
    public override uint Hash(T key) => throw new SparkException(reason);
}
