using System.Text.Json;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Peers.Sides;

namespace Sparkish.Benchmarks.Peers.Processes;

/// <summary>The two processes of a side.</summary>
internal sealed class SidePair : IAsyncDisposable
{
    private readonly SideProcess _server;
    private readonly SideProcess _client;

    private SidePair(PeerSide side, SideProcess server, SideProcess client) => (Side, _server, _client) = (side, server, client);

    public PeerSide Side { get; }

    /// <exception cref="SparkException">A process did not start.</exception>
    public static async Task<SidePair> StartAsync(PeerSide side, string? certificate, CancellationToken cancellationToken)
    {
        string[] options = certificate is null ? [] : [SideCommand.CertificateOption, certificate];
        var server = await SideProcess.StartAsync(side.Name, options, cancellationToken);
        try
        {
            var client = await SideProcess.StartAsync(side.Name, [.. options, SideCommand.ServerOption, server.Address], cancellationToken);
            return new SidePair(side, server, client);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a load in the client.</summary>
    /// <exception cref="SparkException">A message was lost, or the process ended.</exception>
    public async Task<double[]> MeasureAsync(PeerLoad load, TimeSpan duration, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<double[]>(await _client.AskAsync(load.ToLine(duration), cancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }
}
