using System.Globalization;

namespace Sparkish.Ui;

/// <summary>Draws progress bars as text, as Spark does: <c>[Stage 0:====&gt;   (3 + 2) / 8]</c>.</summary>
internal static class ProgressLine
{
    /// <summary>Formats one line of a given width for the running stages, the first three of them.</summary>
    public static string Draw(IReadOnlyList<StageProgress> stages, int width)
    {
        var shown = stages.Take(3).ToArray();
        return string.Concat(shown.Select(stage => DrawStage(stage, width / Math.Max(shown.Length, 1))));
    }

    private static string DrawStage(StageProgress stage, int width)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"[Stage {stage.StageId}:");
        var tail = string.Create(CultureInfo.InvariantCulture, $"({stage.Done} + {stage.Running}) / {stage.Total}]");
        var room = width - head.Length - tail.Length;
        if (room <= 0) return head + tail;
        var filled = (int)((long)room * stage.Done / Math.Max(stage.Total, 1));
        var bar = new string('=', filled) + (filled < room ? ">" : "");
        return head + bar.PadRight(room) + tail;
    }
}

/// <summary>The progress of a stage.</summary>
internal sealed record StageProgress(int StageId, int Total, int Done, int Running);
