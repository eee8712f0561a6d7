namespace Sparkish.Diagnostics;

/// <summary>Standard error, for what no logger takes. It never throws.</summary>
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
            // There is nobody left to tell.
        }
    }
}
