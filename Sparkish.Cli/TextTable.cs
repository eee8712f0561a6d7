using System.Text;
using Sparkish.Diagnostics;

namespace Sparkish.Cli;

/// <summary>Aligns rows of text in columns.</summary>
internal static class TextTable
{
    private const string Gap = "  ";
    private const int MaxWidth = 60;

    /// <summary>Formats the rows, each on a line. Cells are escaped, since names are chosen by peers, and shortened.</summary>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">The rows, with one cell for each column.</param>
    public static string Of(string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.Select(static row => Array.ConvertAll(row, static cell => LogText.Shorten(cell, MaxWidth))).Prepend(header).ToList();
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in all)
            text.Append(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        return text.ToString();
    }
}
