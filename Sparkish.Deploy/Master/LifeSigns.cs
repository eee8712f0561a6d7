using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Master;

/// <summary>
/// When a master last heard from its workers and applications. Its clock advances with the master's own ticks, by two intervals at most: a master that stood
/// still, or was too busy to handle messages, does not hold that against others.
/// </summary>
/// <typeparam name="TNode">Identifies a worker or an application.</typeparam>
/// <param name="interval">The time between two ticks.</param>
internal sealed class LifeSigns<TNode>(TimeSpan interval) where TNode : struct
{
    private readonly Dictionary<TNode, Sign> _signs = [];

    /// <summary>The time for which the master has been able to hear.</summary>
    public TimeSpan Clock { get; private set; }

    /// <summary>A tick.</summary>
    /// <param name="elapsed">The time since the one before.</param>
    public void Advance(TimeSpan elapsed) => Clock += elapsed < interval * 2 ? elapsed : interval * 2;

    /// <summary>A node was heard; it has a connection.</summary>
    public void Heard(TNode node) => _signs[node] = new Sign(Clock, LostAt: null);

    /// <summary>The connection with a node has ended.</summary>
    public void Lost(TNode node)
    {
        if (_signs.TryGetValue(node, out var sign) && sign.LostAt is null) _signs[node] = sign with { LostAt = Clock };
    }

    /// <summary>The node is not judged any more.</summary>
    public void Forget(TNode node) => _signs.Remove(node);

    /// <summary>The time since a node was heard; one that was never heard counts from now on.</summary>
    public TimeSpan SilenceOf(TNode node)
    {
        if (_signs.TryGetValue(node, out var sign)) return Clock - sign.HeardAt;
        Heard(node);
        return TimeSpan.Zero;
    }

    /// <summary>The time since the connection with a node has ended without a word since; null while it is connected.</summary>
    public TimeSpan? AbsenceOf(TNode node) => _signs.TryGetValue(node, out var sign) ? Clock - sign.LostAt : null;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sign(TimeSpan HeardAt, TimeSpan? LostAt);
}
