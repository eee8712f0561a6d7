#pragma warning disable MA0048 // exit statuses and how errors are told belong together
using Sparkish.Diagnostics;

namespace Sparkish.Cli;

/// <summary>A command line that cannot be meant: exit status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>How commands end: 0 after success or a stop that was asked for, 1 after a failure, 2 when the command line is wrong.</summary>
internal static class CliErrors
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;

    /// <summary>Tells an error in one line on standard error.</summary>
    public static int Report(Exception error)
    {
        Say(error.Message);
        return error is UsageException ? Usage : Failure;
    }

    public static void Say(string message) => Console.Error.WriteLine($"sparkish: {LogText.Escape(message.ReplaceLineEndings(" "))}");

    /// <summary>Whether an error is one of its user's making, to be told without a stack.</summary>
    public static bool IsExpected(Exception error) => error is SparkException or UsageException or IOException or UnauthorizedAccessException;
}
