using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish.Validation;

/// <summary>Limits the log lines of one kind: ten in ten seconds, and the next one gives the number of omitted lines. Thread-safe.</summary>
internal sealed class LineBudget(TimeProvider time)
{
    /// <summary>The lines of one source in ten seconds.</summary>
    public const int LinesAtOnce = 5;

    private const int MaxSources = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lines> _sources = new(StringComparer.Ordinal);

    /// <summary>Whether a line may be written.</summary>
    /// <param name="source">The peer that caused it; null for this process itself.</param>
    /// <param name="leftOut">The end of the line: the number of lines omitted since the last one of the source, or nothing.</param>
    public bool TryTake(string? source, out string leftOut)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            ref var lines = ref LinesOf(source ?? "", now);
            if (time.GetElapsedTime(lines.Start, now) >= Pause) lines = lines with { Start = now, Count = 0 };
            if (lines.Count >= LinesAtOnce)
            {
                lines = lines with { LeftOut = lines.LeftOut + 1 };
                leftOut = "";
                return false;
            }

            leftOut = lines.LeftOut == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (left out before this line: {lines.LeftOut})");
            lines = lines with { Count = lines.Count + 1, LeftOut = 0 };
            return true;
        }
    }

    private ref Lines LinesOf(string source, long now)
    {
        if (_sources.Count >= MaxSources && !_sources.ContainsKey(source))
        {
            foreach (var (quiet, lines) in _sources)
            {
                if (time.GetElapsedTime(lines.Start, now) >= Pause && lines.LeftOut == 0) _sources.Remove(quiet);
            }

            if (_sources.Count >= MaxSources) source = "others";
        }

        ref var found = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, source, out var isThere);
        if (!isThere) found = new Lines(now, 0, 0);
        return ref found;
    }

    /// <param name="Start">When the first line of these ten seconds was written.</param>
    /// <param name="Count">The lines since then.</param>
    /// <param name="LeftOut">Those that were left out since the last line.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Lines(long Start, int Count, long LeftOut);
}
