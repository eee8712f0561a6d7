using System.Globalization;
using System.Net;
using Sparkish.Configuration;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>The settings of a member of a Raft group.</summary>
/// <param name="Members">All members, in the order of the setting.</param>
/// <param name="Self">This member's own entry.</param>
/// <param name="Directory">Where this member keeps its log.</param>
/// <param name="ElectionTimeout">Silence of a leader after which a follower may become a candidate; it waits up to half as long again.</param>
/// <param name="AppendTimeout">Time limit for an entry to be committed.</param>
internal sealed record RaftOptions(
    IReadOnlyList<DnsEndPoint> Members, DnsEndPoint Self, string Directory, TimeSpan ElectionTimeout, TimeSpan AppendTimeout)
{
    /// <summary>The key of the members.</summary>
    public const string MembersKey = "spark.deploy.raft.members";

    /// <summary>The key of this member's entry.</summary>
    public const string AddressKey = "spark.deploy.raft.address";

    /// <summary>The key of the election timeout.</summary>
    public const string ElectionTimeoutKey = "spark.deploy.raft.electionTimeout";

    private const int MaxMembers = 7;
    private const int MaxPort = 65535;

    private static readonly TimeSpan ShortestElectionTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestElectionTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Where members are dialled instead of at their addresses, for tests with proxies in between.</summary>
    public IReadOnlyDictionary<string, int> Routes { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The other members.</summary>
    public IEnumerable<DnsEndPoint> Others => Members.Where(member => !member.Equals(Self));

    /// <summary>Time for which a leader counts as the leader after a majority has answered; shorter than any follower's wait.</summary>
    public TimeSpan Lease => ElectionTimeout * 0.9;

    /// <summary>Interval between rounds that renew the lease.</summary>
    public TimeSpan Beat => ElectionTimeout / 5;

    /// <summary>Silence of a connection after which its peer counts as unreachable: a frozen process would otherwise hold up an election.</summary>
    public TimeSpan Silence => ElectionTimeout / 2;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="SparkException">A setting is wrong.</exception>
    public static RaftOptions From(string members, string address, string directory, TimeSpan electionTimeout, TimeSpan appendTimeout)
    {
        var all = ParseMembers(members);
        var self = Parse(AddressKey, address.Trim());
        if (!all.Contains(self))
        {
            throw new SparkException(
                $"{AddressKey} is '{Text(self)}', which is not one of {MembersKey} ({string.Join(", ", all.Select(Text))}): use the same spelling in both.");
        }

        if (electionTimeout < ShortestElectionTimeout || electionTimeout > LongestElectionTimeout)
            throw new SparkException($"{ElectionTimeoutKey} is {ConfigEntry.FormatDuration(electionTimeout)} but must be between 100ms and 1min.");
        return new RaftOptions(all, self, Path.GetFullPath(directory), electionTimeout, appendTimeout);
    }

    /// <summary>A member's address as text.</summary>
    public static string Text(DnsEndPoint member) =>
        member.Host.Contains(':', StringComparison.Ordinal) ? $"[{member.Host}]:{member.Port}" : $"{member.Host}:{member.Port}";

    private static List<DnsEndPoint> ParseMembers(string text)
    {
        var members = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static one => Parse(MembersKey, one)).ToList();
        if (members.Distinct().Count() < members.Count)
            throw new SparkException($"{MembersKey} is '{text}', which names a member twice: name each master once.");
        return members.Count is 3 or 5 or MaxMembers
            ? members
            : throw new SparkException(
                $"{MembersKey} is '{text}' with {members.Count} members but must have 3, 5 or {MaxMembers}: an even number tolerates no more failures than one member less.");
    }

    private static DnsEndPoint Parse(string key, string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon].Trim('[', ']').ToLowerInvariant();
        return host.Length > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None,
            CultureInfo.InvariantCulture, out var port) && port is > 0 and <= MaxPort
            ? new DnsEndPoint(host, port)
            : throw new SparkException($"{key} has the entry '{text}' but needs host:port, such as 'master1:7077', with a port from 1 to {MaxPort}.");
    }
}
