using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>One ask that waits: for its reply, its timeout, its cancellation, or the end of its link or env; the first of them counts.</summary>
internal sealed class Ask : IDisposable
{
    private readonly TaskCompletionSource<object?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChannelRef _receiver;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly LongTimer? _timer;

    public Ask(ChannelRpcEnv env, ChannelRef receiver, TimeSpan timeout, string? key, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        if (timeout <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan) TimeOut();
        else if (timeout != Timeout.InfiniteTimeSpan) _timer = new LongTimer(env.Time, timeout, TimeOut);
        _cancellation = cancellationToken.UnsafeRegister(static (ask, token) => ((Ask)ask!)._outcome.TrySetCanceled(token), this);

        void TimeOut() => Fail(RpcTimeoutException.NoReply(new RpcEndpointAddress(receiver.Address, receiver.Name), timeout, key));
    }

    /// <summary>Whether its outcome is known: it was answered, or there is no need to ask.</summary>
    public bool IsOver => _outcome.Task.IsCompleted;

    public void Answer(object? reply) => _outcome.TrySetResult(reply);

    public void Fail(Exception error) => _outcome.TrySetException(error);

    public async Task<T> ResultAsync<T>()
    {
        using (this)
        {
            return await _outcome.Task switch
            {
                T reply => reply,
                null when default(T) is null => default!,
                var other => throw new SparkException($"{_receiver} replied with {other?.GetType().ToString() ?? "null"}, but {typeof(T)} was expected."),
            };
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _cancellation.Dispose();
    }
}
