#pragma warning disable CA1001 // CleanUpAsync removes the directory
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>The contract on the real file system. A second process is locked out, so somebody else is the same store.</summary>
[TestFixture(64 << 20)]
[TestFixture(200)] // a file for every few events
internal sealed class FileJournalContractTests(long segmentBytes) : JournalContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Task PrepareAsync() => Task.CompletedTask;

    protected override IJournalStore NewStore(AppendLimits limits) =>
        new FileJournalStore(_directory.Path, new FileJournalOptions { SegmentBytes = segmentBytes, Limits = limits });

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(store);

    protected override Task CleanUpAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
