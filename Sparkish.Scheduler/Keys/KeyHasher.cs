namespace Sparkish.Keys;

/// <summary>
/// Hashes keys equally in every process. The platform's hash codes are unsuitable: those of strings and tuples are seeded per process, so equal keys of two
/// executors would go to different partitions. Keys that are equal by their type's <see cref="object.Equals(object)"/> have equal hashes: values are hashed
/// directly, records and tuples member by member.
/// </summary>
internal abstract class KeyHasher
{
    /// <summary>Hashes a key that is only known as an object.</summary>
    public abstract uint HashObject(object key);
}

/// <summary>Hashes keys of one type.</summary>
internal abstract class KeyHasher<T> : KeyHasher
{
    public static KeyHasher<T> Default { get; } = (KeyHasher<T>)KeyHasherFactory.Make(typeof(T));

    public abstract uint Hash(T key);

    public sealed override uint HashObject(object key) => Hash((T)key);
}
