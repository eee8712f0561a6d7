#pragma warning disable MA0048 // exit statuses and the output of errors belong together
using Sparkish.Diagnostics;

namespace Sparkish.Cli;

/// <summary>A command line that cannot be meant: exit status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Exit statuses of commands: 0 after success or a requested stop, 1 after a failure, 2 for an invalid command line.</summary>
internal static class CliErrors
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;

    /// <summary>Prints an error in one line on standard error.</summary>
    public static int Report(Exception error)
    {
        Say(error.Message);
        return error is UsageException ? Usage : Failure;
    }

    public static void Say(string message) => Console.Error.WriteLine($"sparkish: {LogText.Escape(message.ReplaceLineEndings(" "))}");

    /// <summary>Whether the user can correct an error, so that it is printed without a stack trace.</summary>
    public static bool IsExpected(Exception error) => error is SparkException or UsageException or IOException or UnauthorizedAccessException;
}
