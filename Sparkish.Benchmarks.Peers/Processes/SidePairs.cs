using Sparkish.Benchmarks.Peers.Sides;

namespace Sparkish.Benchmarks.Peers.Processes;

/// <summary>The processes of all sides of a run.</summary>
internal sealed class SidePairs : IAsyncDisposable
{
    private readonly List<SidePair> _pairs = [];
    private readonly DirectoryInfo? _certificate;

    private SidePairs(bool secured)
    {
        if (!secured) return;
        _certificate = Directory.CreateTempSubdirectory("sparkish-peers-");
        PeerCertificate.Write(_certificate.FullName);
    }

    public IReadOnlyList<SidePair> All => _pairs;

    /// <exception cref="SparkException">A process did not start.</exception>
    public static async Task<SidePairs> StartAsync(IEnumerable<PeerSide> sides, bool secured, CancellationToken cancellationToken)
    {
        var pairs = new SidePairs(secured);
        try
        {
            Task<SidePair>[] starting = [.. sides.Select(side => SidePair.StartAsync(side, pairs._certificate?.FullName, cancellationToken))];
            await Task.WhenAll(starting.Select(pairs.AddAsync));
            pairs._pairs.Sort((one, other) => PeerSides.IndexOf(one.Side).CompareTo(PeerSides.IndexOf(other.Side)));
            return pairs;
        }
        catch
        {
            await pairs.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_pairs.Select(pair => pair.DisposeAsync().AsTask()));
        _certificate?.Delete(recursive: true);
    }

    private async Task AddAsync(Task<SidePair> starting)
    {
        var pair = await starting;
        lock (_pairs) _pairs.Add(pair);
    }
}
