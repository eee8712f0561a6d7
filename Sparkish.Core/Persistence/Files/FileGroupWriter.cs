using Sparkish.Persistence.Appending;

namespace Sparkish.Persistence.Files;

/// <summary>Writes groups to a journal's files: each costs one write and one flush.</summary>
internal sealed class FileGroupWriter(IJournalFiles files, SegmentLog segments) : SerialGroupWriter
{
    public override bool Fits(CommitGroup group, AppendWork next) => true;

    protected override async Task WriteAsync(CommitGroup group)
    {
        if (group.Other is Truncation truncation)
        {
            await TruncateAsync(truncation).ConfigureAwait(false);
            return;
        }

        // Two steps, so that in a simulation a crash can occur between writing and flushing.
        await RunAsync(group.Appends, static (log, appends) => log.Write(appends)).ConfigureAwait(false);
        await RunAsync(group, static (log, _) => log.Commit()).ConfigureAwait(false);
    }

    // The snapshot covers the events, deleted or not: a failed deletion ends the journal only if its last file is in an unknown state.
    private async Task TruncateAsync(Truncation truncation)
    {
        try
        {
            await RunAsync(truncation, static (log, truncation) => log.Truncate(truncation.ThroughSequence)).ConfigureAwait(false);
        }
        catch (Exception e) when (!segments.IsBroken)
        {
            truncation.Fail(e);
        }
    }

    private Task<bool> RunAsync<T>(T argument, Action<SegmentLog, T> step) => files.RunAsync(() =>
    {
        step(segments, argument);
        return true;
    });
}

/// <summary>Deletes events; runs between groups.</summary>
internal sealed class Truncation(long throughSequence, TaskCreationOptions completions) : JournalWork(completions)
{
    public long ThroughSequence => throughSequence;
}
