using System.Globalization;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>The CPUs of a worker that no executor has. Thread-safe.</summary>
internal sealed class FreeCpus(IEnumerable<int> cpus)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<int> _free = [.. cpus];

    /// <summary>Takes CPUs, the lowest ones first; null if there are too few.</summary>
    public IReadOnlyList<int>? Take(int count)
    {
        lock (_lock)
        {
            if (count > _free.Count) return null;
            int[] taken = [.. _free.Take(count)];
            _free.ExceptWith(taken);
            return taken;
        }
    }

    public void Return(IEnumerable<int> taken)
    {
        lock (_lock) _free.UnionWith(taken);
    }

    /// <summary>Parses a list of CPUs as Linux writes it, such as <c>0-3,8</c>.</summary>
    /// <exception cref="FormatException">The text is not such a list.</exception>
    public static IReadOnlyList<int> Parse(string list)
    {
        var cpus = new List<int>();
        foreach (var range in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            var (first, last) = (Number(ends[0]), Number(ends[^1]));
            for (var cpu = first; cpu <= last; cpu++) cpus.Add(cpu);
        }

        return cpus;

        static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
