using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// One instance's use of its journal, from opening to closing. The endpoint calls its methods, one after the other. They start tasks, and <see cref="Close"/>
/// waits for their ends before the journal is released.
/// </summary>
#pragma warning disable CA1001 // Close disposes these objects after all tasks have ended
internal sealed class JournalSession(RpcEndpointRef endpoint, IJournalStore store, string name, long? epoch, ILogger log)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<bool> _idle = endpoint.Env.NewCompletion<bool>();
    private IJournal? _journal;
    private int _underWay = 1; // the session itself, until it is closed

    /// <summary>The journal, once it is open.</summary>
    public IJournal Journal => _journal ?? throw new InvalidOperationException($"Journal '{name}' is not open yet.");

    /// <summary>Opens the journal and reads it.</summary>
    public Task<T> ReplayAsync<T>(Func<IJournal, CancellationToken, Task<T>> read)
    {
        return CountedAsync(OpenAndReadAsync);

        async Task<T> OpenAndReadAsync()
        {
            await JournalClosings.Of(endpoint.Env).WhenClosedAsync(endpoint.Env, store, name).ConfigureAwait(false);
            _stopping.Token.ThrowIfCancellationRequested();
            _journal = await store.OpenAsync(name, epoch, _stopping.Token).ConfigureAwait(false);
            return await read(_journal, _stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Appends events. Never cancelled: the outcome of a cancelled append would be unknown.</summary>
    public Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var journal = Journal;
        return CountedAsync(() => journal.AppendAsync(events, CancellationToken.None).AsTask());
    }

    /// <summary>
    /// Saves a snapshot, which is composed on a separate thread, and deletes the events that the snapshot covers, except for the retained ones.
    /// </summary>
    public Task<long> SaveSnapshotAsync(long sequence, long retained, Func<byte[]> compose)
    {
        var journal = Journal;
        return CountedAsync(SaveAsync);

        async Task<long> SaveAsync()
        {
            var payload = await endpoint.Env.RunBlockingAsync(compose).ConfigureAwait(false);
            await journal.SaveSnapshotAsync(new JournalSnapshot(sequence, payload), CancellationToken.None).ConfigureAwait(false);
            if (retained < sequence) await journal.TruncateAsync(sequence - retained, CancellationToken.None).ConfigureAwait(false);
            return sequence;
        }
    }

    /// <summary>Releases the journal once all tasks have ended; the next opening waits for that.</summary>
    public void Close()
    {
        var closing = JournalClosings.Of(endpoint.Env).Begin(store, name);
        _stopping.Cancel();
        _ = CloseAsync(closing); // the next opening waits for its end, and it reports its own failure
        End();
    }

    // The endpoint awaits each of these tasks once, so their ends are counted, see JournalClosings.
    private async Task<T> CountedAsync<T>(Func<Task<T>> work)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _underWay) == 0) _idle.SetResult(true);
    }

    private async Task CloseAsync(JournalClosings.Closing closing)
    {
        await _idle.Task.ConfigureAwait(false);
        try
        {
            if (_journal is not null) await _journal.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            log.ClosingFailed(error, endpoint.Name, name);
        }
        finally
        {
            _stopping.Dispose();
            JournalClosings.Of(endpoint.Env).End(closing);
        }
    }
}
