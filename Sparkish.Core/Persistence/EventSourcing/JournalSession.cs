using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// One instance's use of its journal, from opening to closing. Its methods are called by the endpoint, one after the other; what they begin goes on in
/// tasks that <see cref="Close"/> waits for before the journal is let go.
/// </summary>
#pragma warning disable CA1001 // Close disposes what it has when all that goes on has ended
internal sealed class JournalSession(RpcEndpointRef endpoint, IJournalStore store, string name, long? epoch, ILogger log)
{
    private readonly CancellationTokenSource _stopping = new();
    private IJournal? _journal;
    private Task _replay = Task.CompletedTask;
    private Task _append = Task.CompletedTask;
    private Task _snapshot = Task.CompletedTask;

    /// <summary>The journal, once it was opened.</summary>
    public IJournal Journal => _journal ?? throw new InvalidOperationException($"Journal '{name}' is not open yet.");

    /// <summary>Opens the journal and reads it.</summary>
    public Task<T> ReplayAsync<T>(Func<IJournal, CancellationToken, Task<T>> read)
    {
        var replay = OpenAndReadAsync();
        _replay = replay;
        return replay;

        async Task<T> OpenAndReadAsync()
        {
            await JournalClosings.Of(endpoint.Env).WhenClosedAsync(store, name).ConfigureAwait(false);
            _stopping.Token.ThrowIfCancellationRequested();
            _journal = await store.OpenAsync(name, epoch, _stopping.Token).ConfigureAwait(false);
            return await read(_journal, _stopping.Token).ConfigureAwait(false);
        }
    }

    public Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var append = AppendToAsync(Journal);
        _append = append;
        return append;

        // Never cancelled: an append that was given up may be there or not.
        async Task<long> AppendToAsync(IJournal journal) => await journal.AppendAsync(events, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Saves a snapshot, which is composed on a thread of its own, and takes away what it makes needless.</summary>
    public Task<long> SaveSnapshotAsync(long sequence, Func<byte[]> compose)
    {
        var save = SaveToAsync(Journal);
        _snapshot = save;
        return save;

        async Task<long> SaveToAsync(IJournal journal)
        {
            var payload = await endpoint.Env.RunBlockingAsync(compose).ConfigureAwait(false);
            await journal.SaveSnapshotAsync(new JournalSnapshot(sequence, payload), CancellationToken.None).ConfigureAwait(false);
            await journal.TruncateAsync(sequence, CancellationToken.None).ConfigureAwait(false);
            return sequence;
        }
    }

    /// <summary>Lets the journal go once what goes on has ended; who opens it next waits for that.</summary>
    public void Close()
    {
        _stopping.Cancel();
        JournalClosings.Of(endpoint.Env).Add(store, name, CloseAsync());
    }

    // The endpoint has been told of failures of these tasks, or is gone.
    private async Task CloseAsync()
    {
        await _replay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _append.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _snapshot.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        }
    }
}
