namespace Sparkish;

/// <summary>
/// A type with its own <see cref="object.Equals(object)"/> that can be a key: its hash code is equal in every process. Records, tuples, anonymous types and
/// structs without an <c>Equals</c> do not need it: they are hashed member by member.
/// </summary>
public interface IStableHashCode
{
    /// <summary>
    /// Returns the hash code: equal for equal objects, in every process and culture. <see cref="object.GetHashCode"/> of strings and tuples, and
    /// <see cref="HashCode"/>, differ, since each process has its own seed: use <see cref="StableHash.Of{T}"/>.
    /// </summary>
    int GetStableHashCode();
}
