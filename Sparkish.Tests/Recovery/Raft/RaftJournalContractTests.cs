using Sparkish.Deploy.Recovery.Raft;
using Sparkish.Persistence;
using Sparkish.Tests.Persistence;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>
/// The contract on three members in one process. They run on through all tests, and each test has a scope of its own in their state: a process that opens the
/// journals again is a new store on the leading member here. <see cref="RaftRestartTests"/> restarts the members.
/// </summary>
internal sealed class RaftJournalContractTests : JournalContract
{
    private readonly string _scope = $"{Guid.NewGuid():N}/";
    private RaftMember _leader = null!;

    protected override async Task PrepareAsync() => _leader = await RaftSharedGroup.LeaderAsync();

    protected override IJournalStore NewStore(AppendLimits limits) => new RaftJournalStore(_leader, ownsMember: false, limits, _scope);

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(NewStore(AppendLimits.Default));
}
