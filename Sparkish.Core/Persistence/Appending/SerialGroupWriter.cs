namespace Sparkish.Persistence.Appending;

/// <summary>Writes one group after the other.</summary>
internal abstract class SerialGroupWriter : IGroupWriter
{
    private Task _writing = Task.CompletedTask;

    public int Window => 1;

    public Task Outcome => _writing;

    public abstract bool Fits(CommitGroup group, AppendWork next);

    public Task BeginAsync(CommitGroup group)
    {
        _writing = WriteAsync(group);
        return Task.CompletedTask;
    }

    public async Task<int> SettleAsync()
    {
        await _writing.ConfigureAwait(false);
        return 1;
    }

    /// <summary>Writes a group and makes it durable.</summary>
    protected abstract Task WriteAsync(CommitGroup group);
}
