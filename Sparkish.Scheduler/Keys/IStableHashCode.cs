namespace Sparkish;

/// <summary>
/// A type with an <see cref="object.Equals(object)"/> of its own that can be a key: its hash code is equal in every process. Records, tuples, anonymous
/// types and structs without an <c>Equals</c> need none: they are hashed member by member.
/// </summary>
public interface IStableHashCode
{
    /// <summary>
    /// The hash code: equal for equal objects, in every process and culture. <see cref="object.GetHashCode"/> of strings and tuples, and
    /// <see cref="HashCode"/>, are not, since each process has a seed of its own: use <see cref="StableHash.Of{T}"/>.
    /// </summary>
    int GetStableHashCode();
}
