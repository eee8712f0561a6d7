using System.Buffers;
using System.Collections.Immutable;
using Sparkish.Diagnostics;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>The limits of membership messages, applied to a node's own metadata and to all received messages: a peer's bytes are untrusted input.</summary>
internal static class MemberRules
{
    /// <summary>Limit of roles and metadata, which every rumor about a node carries.</summary>
    public const int MaxMemberChars = 4096;

    // Far beyond any time in milliseconds, and far from overflow: an incarnation at this limit can still be overridden.
    private const long MaxIncarnation = long.MaxValue / 4;

    // Characters that end a host in a URL. A colon does not, since IPv6 addresses contain colons.
    private static readonly SearchValues<char> NoHost = SearchValues.Create(" /\\@?#[]'\"<>");

    /// <summary>Returns the number of characters of roles and metadata together.</summary>
    public static int CharsOf(IEnumerable<string> roles, IReadOnlyDictionary<string, string> metadata) =>
        roles.Sum(static role => role.Length) + metadata.Sum(static pair => pair.Key.Length + pair.Value.Length);

    /// <summary>Returns the problem of a message; null if it is valid.</summary>
    public static string? ErrorOf(IToMembership message) => message.Label.Group is { Length: > SwimOptions.MaxClusterChars } group
        ? $"its group's name has {group.Length} characters"
        : ErrorOfContent(message);

    /// <summary>Returns the problem of a member as a peer describes it; null if it is valid.</summary>
    public static string? ErrorOf(Member member)
    {
        if (!IsDialable(member.Address)) return "a member has an address that cannot be dialled";
        if (member.Name is null || member.Roles is null || member.Metadata is null) return "a member is incomplete";
        if (member.Roles.Contains(null!) || member.Metadata.Any(static pair => pair.Value is null))
            return "a member has a role or a metadata value that is null";
        if (CharsOf(member.Roles, member.Metadata) + member.Name.Length > 2 * MaxMemberChars) return "member metadata exceeds the limit";
        return LogText.IsPlain(member.Name) && member.Roles.All(static role => LogText.IsPlain(role))
            ? null
            : "a member has a name or a role with control characters";
    }

    private static string? ErrorOfContent(IToMembership message) => message switch
    {
        Ping m => ErrorOf(m.From, m.Rumors),
        Ack m => ErrorOf(m.From, m.Rumors),
        PingRequest m => IsDialable(m.Target) ? ErrorOf(m.From, m.Rumors) : "it asks to probe an address that cannot be dialled",
        FullState m => ErrorOf(m.From, m.Rumors),
        News m => ErrorOf(m.From, m.Rumors),
        Nack m => ErrorOf(m.From, []),
        Digest m => ErrorOf(m.From, []),
        _ => $"{message.GetType().Name} is unknown",
    };

    private static string? ErrorOf(RpcAddress from, ImmutableArray<MemberRumor> rumors)
    {
        if (!IsDialable(from)) return "its sender's address cannot be dialled";
        if (rumors.IsDefault) return "it has no list of rumors";
        foreach (var rumor in rumors)
        {
            if (ErrorOf(rumor) is { } error) return error;
        }

        return null;
    }

    private static string? ErrorOf(MemberRumor? rumor)
    {
        if (rumor?.Member is not { } member) return "a rumor names no member";
        if (!IsDialable(rumor.By)) return "a rumor is by an address that cannot be dialled";
        if (rumor.Incarnation is < 0 or > MaxIncarnation) return $"{rumor.Incarnation} is not a valid incarnation";
        if (rumor.Age < TimeSpan.Zero) return $"{rumor.Age} is not a valid age";
        if (rumor.Status > MemberStatus.Left) return $"unknown status {rumor.Status}";
        return rumor.Reason is null or { Length: > MaxMemberChars } ? "a rumor is incomplete" : ErrorOf(member);
    }

    private static bool IsDialable(RpcAddress address) =>
        address is { Host.Length: > 0 and <= EndpointNames.MaxHostChars, Port: > 0 and <= 65535 } && !address.Host.AsSpan().ContainsAny(NoHost)
        && LogText.IsPlain(address.Host);
}
