using Sparkish.Deploy.Recovery.Raft;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>Three members that tests share, and of which the first one leads; started by the first test that needs them.</summary>
[SetUpFixture]
internal sealed class RaftSharedGroup
{
    private static readonly Lock Starting = new();
    private static Task<(RaftGroup Group, RaftMember Leader)>? _shared;

    public static async Task<RaftMember> LeaderAsync()
    {
        Task<(RaftGroup Group, RaftMember Leader)> shared;
        lock (Starting) shared = _shared ??= StartAsync();
        return (await shared).Leader;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_shared is { } shared) await (await shared).Group.DisposeAsync();
    }

    private static async Task<(RaftGroup Group, RaftMember Leader)> StartAsync()
    {
        var group = await RaftGroup.StartAsync(electionSeconds: 2);
        var first = group.On.First();
        await first.Election.CampaignAsync("first").WaitAsync(TimeSpan.FromSeconds(60));
        return (group, first.Member);
    }
}
