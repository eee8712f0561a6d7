namespace Sparkish.Simulation;

/// <summary>The network between the machines: its delays, and its cut links.</summary>
internal sealed class SimulatedNetwork(SimulatedCluster cluster, SimulatedLatency latency, Random random)
{
    private const double CutChance = 0.05;

    private readonly Dictionary<(SimulatedNode From, SimulatedNode To), Link> _links = [];
    private readonly Dictionary<string, SimulatedNode> _hosts = new(StringComparer.Ordinal);
    private readonly HashSet<WireDirection> _stalled = [];

    /// <summary>The machine that a host name leads to.</summary>
    public SimulatedNode? Host(string name) => _hosts.GetValueOrDefault(name);

    /// <summary>Maps a host name to a machine.</summary>
    public void AddHost(string name, SimulatedNode node) => _hosts[name] = node;

    /// <summary>Returns the travel time of the next segment, in ticks.</summary>
    public long Latency(SimulatedNode from, SimulatedNode to)
    {
        if (from == to) return TimeSpan.TicksPerMicrosecond * 20; // loopback
        var usual = latency.Min.Ticks + random.NextInt64(Math.Max(1, latency.Max.Ticks - latency.Min.Ticks));
        if (latency.SpikeChance > 0 && random.NextDouble() < latency.SpikeChance) usual = random.NextInt64(usual, Math.Max(usual + 1, latency.SpikeMax.Ticks));
        var link = Find(from, to);
        var loss = Math.Max(latency.LossChance, link?.Loss ?? 0);
        for (var pause = latency.RetransmitAfter.Ticks; loss > 0 && random.NextDouble() < loss && pause < TimeSpan.TicksPerMinute; pause *= 2) usual += pause;
        return usual + (link?.Delay.Ticks ?? 0);
    }

    /// <summary>Splits a sent segment at a random point, now and then, as networks do.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < 2 || random.NextDouble() >= CutChance) return [bytes];
        var at = random.Next(1, bytes.Length);
        return [bytes[..at], bytes[at..]];
    }

    /// <summary>Draws a number below a bound.</summary>
    public int Draw(int bound) => random.Next(bound);

    public bool IsCut(SimulatedNode from, SimulatedNode to) => from != to && Find(from, to) is { IsCut: true };

    /// <summary>Whether a direction waits for its link to be healed.</summary>
    public bool IsStalled(WireDirection direction) => _stalled.Contains(direction);

    /// <summary>Keeps segments on a cut link until it is healed.</summary>
    public void Stall(SimulatedNode from, SimulatedNode to, WireDirection direction)
    {
        if (_stalled.Add(direction)) Of(from, to).Stalled.Add(direction);
    }

    public void Cut(SimulatedNode from, SimulatedNode to)
    {
        if (from == to || Of(from, to).IsCut) return;
        Of(from, to).IsCut = true;
        cluster.Trace.Add(cluster.NowTicks, from.Name, "is cut off from", to.Name);
    }

    public void Heal(SimulatedNode from, SimulatedNode to)
    {
        if (Find(from, to) is not { IsCut: true } link) return;
        link.IsCut = false;
        cluster.Trace.Add(cluster.NowTicks, from.Name, "reaches again", to.Name);
        var stalled = link.Stalled.ToList();
        link.Stalled.Clear();
        foreach (var direction in stalled)
        {
            _stalled.Remove(direction);
            direction.Retransmit();
        }
    }

    public void Disturb(SimulatedNode from, SimulatedNode to, TimeSpan delay, double loss)
    {
        var link = Of(from, to);
        (link.Delay, link.Loss) = (delay, loss);
        cluster.Trace.Add(cluster.NowTicks, from.Name, "has a slower way to", to.Name, null, (ulong)delay.Ticks);
    }

    /// <summary>Whether a way is longer than usual, or lossy.</summary>
    public bool IsDisturbed(SimulatedNode from, SimulatedNode to) => Find(from, to) is { } link && (link.Delay > TimeSpan.Zero || link.Loss > 0);

    private Link? Find(SimulatedNode from, SimulatedNode to) => _links.GetValueOrDefault((from, to));

    private Link Of(SimulatedNode from, SimulatedNode to)
    {
        if (!_links.TryGetValue((from, to), out var link)) _links.Add((from, to), link = new Link());
        return link;
    }

    private sealed class Link
    {
        public bool IsCut { get; set; }

        public TimeSpan Delay { get; set; }

        public double Loss { get; set; }

        /// <summary>In the order in which they were established.</summary>
        public List<WireDirection> Stalled { get; } = [];
    }
}
