using System.Globalization;
using Akka.TestKit;
using NUnit.Framework.Internal;

namespace Sparkish.TestKit.Akka.NUnit;

/// <summary>Akka.TestKit's assertions on NUnit. A failure always throws, also in a scope of several assertions, since Akka.TestKit goes on otherwise.</summary>
public sealed class NUnitAssertions : ITestKitAssertions
{
    /// <summary>The assertions; they have no state.</summary>
    public static NUnitAssertions Instance { get; } = new();

    /// <inheritdoc/>
    public void Fail(string format = "", params object[] args) => throw new AssertionException(Text(format, args));

    /// <inheritdoc/>
    public void AssertTrue(bool condition, string format = "", params object[] args)
    {
        if (!condition) Fail(format, args);
    }

    /// <inheritdoc/>
    public void AssertFalse(bool condition, string format = "", params object[] args)
    {
        if (condition) Fail(format, args);
    }

    /// <summary>Asserts that two values are equal, as <c>Is.EqualTo</c> compares them: collections by their elements.</summary>
    /// <inheritdoc/>
    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args)
    {
        var result = Is.EqualTo(expected).ApplyTo(actual);
        if (result.IsSuccess) return;
        using var writer = new TextMessageWriter(Text(format, args));
        result.WriteMessageTo(writer);
        throw new AssertionException(writer.ToString());
    }

    /// <inheritdoc/>
    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args)
    {
        ArgumentNullException.ThrowIfNull(comparer);
        if (!comparer(expected, actual)) Fail("{0} Expected: {1}. But was: {2}.", Text(format, args), expected!, actual!);
    }

    /// <inheritdoc/>
    public Exception AssertThrows(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Thrown<Exception>(Catch(action));
    }

    /// <summary>Asserts that an action throws an exception of exactly this type.</summary>
    /// <inheritdoc/>
    public TException AssertThrows<TException>(Action action)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(action);
        return Thrown<TException>(Catch(action));
    }

    /// <inheritdoc/>
    public async Task<Exception> AssertThrowsAsync(Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Thrown<Exception>(await CatchAsync(action).ConfigureAwait(false));
    }

    /// <summary>Asserts that a task fails with an exception of exactly this type.</summary>
    /// <inheritdoc/>
    public async Task<TException> AssertThrowsAsync<TException>(Func<Task> action)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(action);
        return Thrown<TException>(await CatchAsync(action).ConfigureAwait(false));
    }

    private static Exception? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static async Task<Exception?> CatchAsync(Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static TException Thrown<TException>(Exception? error)
        where TException : Exception => error is TException expected && (typeof(TException) == typeof(Exception) || error.GetType() == typeof(TException))
        ? expected
        : throw new AssertionException($"Expected: an exception of type {typeof(TException)}. But was: {(error is null ? "none" : error.ToString())}", error);

    /// <summary>A text is shown as it is where it does not fit its arguments: the failure itself must not be lost.</summary>
    private static string Text(string? format, object?[]? args)
    {
        if (format is null || args is null or []) return format ?? "";
        try
        {
            return string.Format(CultureInfo.InvariantCulture, format, args);
        }
        catch (FormatException)
        {
            return $"{format} ({string.Join(", ", args)})";
        }
    }
}
