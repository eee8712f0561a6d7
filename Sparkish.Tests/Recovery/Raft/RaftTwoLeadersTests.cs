using Sparkish.Benchmarks.Faults;
using Sparkish.Persistence;
using Sparkish.Tests.Recovery.Leaders;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>Two of three members are the leaders' processes. The third one is here: it stores and votes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RaftTwoLeadersTests : TwoLeadersContract, IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private RaftSlot? _third;

    public async ValueTask DisposeAsync()
    {
        await StopThirdAsync();
        _directory.Dispose();
    }

    protected override string Kind => "raft";

    protected override async Task<string> NewConnectionAsync()
    {
        var connection = $"{_directory.Path}|{string.Join(',', RaftTarget.FreePorts(3))}";
        await using (var all = new RaftReading(connection)) await all.ListAsync(); // the first start of a cluster needs all members
        _third = new RaftSlot(connection);
        await _third.StartAsync();
        return connection;
    }

    protected override IJournalStore OpenStore(string connection)
    {
        _ = StopThirdAsync(); // the reader waits for its directory
        return new RaftReading(connection);
    }

    private async Task StopThirdAsync()
    {
        if (_third is { } third) await third.DisposeAsync();
        _third = null;
    }
}
