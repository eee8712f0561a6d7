using Microsoft.Extensions.Logging;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Deploy.Recovery;

/// <summary>
/// Election of masters that share a directory, usually on one machine: the master that locks a file in it leads. The operating system releases the lock when
/// the process ends. Terms have no epoch of their own, since the journal in the directory counts them.
/// </summary>
internal sealed class DirectoryElection(string directory, TimeProvider time, ILogger log) : ILeaderElection
{
    private const string FileName = "leader.lock";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private Term? _term;

    /// <inheritdoc/>
    public Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_term is { IsCurrent: true }) throw new InvalidOperationException("This candidate already leads: dispose its term first.");
        }

        // A candidate without rivals leads at once.
        return TryLock() is { } stream ? Task.FromResult<ILeaderTerm>(Lead(stream)) : WaitAsync(candidate, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_term is { } term) await term.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<ILeaderTerm> WaitAsync(string candidate, CancellationToken cancellationToken)
    {
        log.WaitsForLock(candidate, Path.Combine(directory, FileName));
        while (true)
        {
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            if (TryLock() is { } stream) return Lead(stream);
        }
    }

    /// <exception cref="JournalException">The file cannot be opened, for another reason than its lock.</exception>
    private FileStream? TryLock()
    {
        try
        {
            PrivateFiles.CreateDirectory(directory);
            return PrivateFiles.OpenLock(Path.Combine(directory, FileName));
        }
        catch (IOException error) when (DiskFiles.SharingViolations.Contains(error.HResult))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"{Path.Combine(directory, FileName)} cannot be opened: {error.Message} Check spark.deploy.recoveryDirectory.", error);
        }
    }

    private Term Lead(FileStream stream)
    {
        lock (_lock) return _term = new Term(stream);
    }

    private sealed class Term(FileStream stream) : ILeaderTerm
    {
        private readonly CancellationTokenSource _ended = new();

        public long? Epoch => null;

        public bool IsCurrent => !_ended.IsCancellationRequested;

        public CancellationToken Ended => _ended.Token;

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }
}
