using System.Runtime.CompilerServices;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// A receive, awaited once, during which the reading thread runs the work of the chunk before: waking another thread for it would cost more than most of that
/// work. The connection does not wait for the handlers: another thread reads what arrives meanwhile. If something has arrived already, or the thread
/// serves other channels too, the pool runs the work.
/// </summary>
internal readonly struct Receiving : ICriticalNotifyCompletion
{
    private readonly ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _awaiter;
    private readonly WorkBatch? _work;

    private Receiving(ValueTask<int> receiving, WorkBatch? work) => (_awaiter, _work) = (receiving.ConfigureAwait(false).GetAwaiter(), work);

    /// <summary>False while there is work, which runs when the awaiter has registered its continuation.</summary>
    public bool IsCompleted => _work is null && _awaiter.IsCompleted;

    /// <summary>Starts to receive, and takes over the work.</summary>
    public static Receiving Begin(IChannel channel, Memory<byte> buffer, WorkBatch? work)
    {
        try
        {
            var receiving = channel.ReceiveAsync(buffer);
            if (!receiving.IsCompleted && channel.LendsThread) return new Receiving(receiving, work);
            WorkBatch.Queue(work);
            return new Receiving(receiving, null);
        }
        catch
        {
            WorkBatch.Queue(work);
            throw;
        }
    }

    public Receiving GetAwaiter() => this;

    public int GetResult() => _awaiter.GetResult();

    public void OnCompleted(Action continuation) => throw new NotSupportedException("An async method calls UnsafeOnCompleted.");

    public void UnsafeOnCompleted(Action continuation)
    {
        _awaiter.UnsafeOnCompleted(continuation);
        if (_work is not null) WorkBatch.Run(_work);
    }
}
