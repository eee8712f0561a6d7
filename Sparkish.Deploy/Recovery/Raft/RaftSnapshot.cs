using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>The state after an entry of the log.</summary>
/// <param name="index">The entry.</param>
/// <param name="term">The entry's Raft term.</param>
/// <param name="state">The state as bytes.</param>
internal sealed class RaftSnapshot(long index, long term, ReadOnlyMemory<byte> state) : ISnapshot
{
    public long Index => index;

    public long Term => term;

    public ReadOnlyMemory<byte> State => state;

    public long? Length => state.Length;

    public bool IsReusable => true;

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = state;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token) where TWriter : IAsyncBinaryWriter => writer.Invoke(state, token);
}
