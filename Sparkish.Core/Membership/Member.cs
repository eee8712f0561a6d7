using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>A node of a group, as it tells of itself: equal as long as it is the same process at the same address.</summary>
/// <param name="Address">Where its env listens; one node at a time has it.</param>
/// <param name="Uid">The incarnation of its env: another one at the same address is another process.</param>
/// <param name="Name">The name of its env, for people.</param>
/// <param name="Roles">What it is, such as <c>worker</c>.</param>
/// <param name="Metadata">What else it tells of itself, such as its application's id or its cores.</param>
public sealed record Member(RpcAddress Address, long Uid, string Name, IReadOnlyList<string> Roles, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Whether it has a role.</summary>
    public bool Is(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>Whether both tell the same of themselves, name, roles and metadata.</summary>
    internal bool TellsTheSame(Member other) =>
        string.Equals(Name, other.Name, StringComparison.Ordinal) && Roles.SequenceEqual(other.Roles, StringComparer.Ordinal)
        && Metadata.Count == other.Metadata.Count
        && Metadata.All(pair => other.Metadata.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal));

    /// <summary>Whether both are the same process.</summary>
    public bool Equals(Member? other) => other is not null && Address == other.Address && Uid == other.Uid;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Uid);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}@{Address}";
}
