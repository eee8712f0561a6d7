namespace Sparkish.Diagnostics;

/// <summary>Reads the text of exceptions from user code: their members are user code too, and may throw.</summary>
internal static class ExceptionText
{
    /// <summary>Returns the whole text, like <see cref="Exception.ToString"/>.</summary>
    public static string Of(Exception error) => Read(error, static error => error.ToString()) ?? error.GetType().ToString();

    /// <summary>The message.</summary>
    public static string MessageOf(Exception error) => Read(error, static error => error.Message) ?? "";

    /// <summary>The stack trace, if there is one.</summary>
    public static string? StackTraceOf(Exception error) => Read(error, static error => error.StackTrace);

    private static string? Read(Exception error, Func<Exception, string?> member)
    {
        try
        {
            return member(error);
        }
        catch (Exception second)
        {
            return $"({error.GetType()} failed to describe itself: {second.GetType()})";
        }
    }
}
