namespace Sparkish.Diagnostics;

/// <summary>Writes to standard error if no logger is usable. Never throws.</summary>
internal static class LastResort
{
    /// <summary>Writes one line, and the error below it.</summary>
    public static void Write(string line, Exception? error)
    {
        try
        {
            Console.Error.WriteLine(
                error is null ? LogText.Escape(line) : $"{LogText.Escape(line)}{Environment.NewLine}    {LogText.EscapeLines(ExceptionText.Of(error))}");
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // There is no other way to report it.
        }
    }
}
