using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>A node of a group, as it describes itself. Two members are equal if they are the same process at the same address.</summary>
/// <param name="Address">The address of its env; one node at a time has it.</param>
/// <param name="Uid">The incarnation of its env: another one at the same address is another process.</param>
/// <param name="Name">The name of its env, for people.</param>
/// <param name="Roles">Its roles, such as <c>worker</c>.</param>
/// <param name="Metadata">Further properties that it publishes, such as its application's id or its cores.</param>
public sealed record Member(RpcAddress Address, long Uid, string Name, IReadOnlyList<string> Roles, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Whether it has a role.</summary>
    public bool Is(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>Whether both publish the same name, roles and metadata.</summary>
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
