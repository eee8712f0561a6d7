using System.Globalization;
using System.Text;

namespace Sparkish.Simulation;

/// <summary>The trace of a simulation: as a hash, and its last lines as text. Two runs of one seed have the same, on any machine.</summary>
internal sealed class SimulationTrace(int maxLines)
{
    private const ulong Prime = 1099511628211; // FNV-1a, of 64 bits

    private readonly Line[] _lines = new Line[Math.Max(1, maxLines)];
    private long _count;

    public ulong Hash { get; private set; } = 14695981039346656037;

    /// <summary>A step that counts but is not worth a line.</summary>
    public void Step(long time, string node, string what)
    {
        Mix(time);
        Mix(node);
        Mix(what);
    }

    /// <summary>A step that is worth a line.</summary>
    public void Add(long time, string node, string what, string? about = null, string? more = null, ulong number = 0)
    {
        Step(time, node, what);
        Mix(about);
        Mix(more);
        Mix((long)number);
        _lines[_count++ % _lines.Length] = new Line(time, node, what, about, more);
    }

    /// <summary>The hash of bytes.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in bytes) hash = (hash ^ value) * Prime;
        return hash;
    }

    /// <summary>The last lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = Math.Max(0, _count - _lines.Length); i < _count; i++)
        {
            var line = _lines[i % _lines.Length];
            text.Append(CultureInfo.InvariantCulture, $"  {TimeSpan.FromTicks(line.Time):hh\\:mm\\:ss\\.fffffff} {line.Node,-10} {line.What}");
            if (line.About is not null) text.Append(' ').Append(line.About);
            if (line.More is not null) text.Append(' ').Append(line.More);
            text.Append('\n');
        }

        return text.ToString();
    }

    private void Mix(long value) => Hash = (System.Numerics.BitOperations.RotateLeft(Hash, 23) ^ (ulong)value) * Prime;

    private void Mix(string? text)
    {
        var hash = Hash;
        foreach (var c in text ?? "") hash = (hash ^ c) * Prime;
        Hash = hash ^ (ulong)(text?.Length ?? -1);
    }

    private readonly record struct Line(long Time, string Node, string What, string? About, string? More);
}
