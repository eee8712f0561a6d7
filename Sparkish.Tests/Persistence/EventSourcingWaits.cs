namespace Sparkish.Tests.Persistence;

/// <summary>A step that waits until a test lets it go on or fail.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody waits.</summary>
    public Task Begun => _begun.Task.WaitAsync(EventSourcingWaits.Patience);

    public Task WaitAsync()
    {
        _begun.TrySetResult();
        return _end.Task;
    }

    public void Release() => _end.TrySetResult();

    public void Fail(Exception error) => _end.TrySetException(error);
}

/// <summary>Posted as an error to a counter, which completes it: all that was sent before has left the inbox then.</summary>
internal sealed class DrainedException : Exception
{
    public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal static class EventSourcingWaits
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync<T>(this T subject, Func<T, bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition(subject))
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new AssertionException(
                    $"After {Patience} the condition does not hold: {(subject is IEnumerable<string> lines ? string.Join(" | ", lines) : subject)}.");
            await Task.Delay(Pause);
        }
    }
}
