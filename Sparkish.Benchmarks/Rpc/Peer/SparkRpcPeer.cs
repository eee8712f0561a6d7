using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Rpc.Peer;

/// <summary>Spark's own RPC: a program that knows <c>rpc serve PORT</c> and <c>rpc run HOST:PORT</c>.</summary>
internal sealed class SparkRpcPeer(BenchSide side)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public string Name => side.Name;

    /// <summary>Runs its server and its client once and returns what the client printed.</summary>
    /// <exception cref="SparkException">One of them failed or took longer than five minutes.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(side.FileName, [.. side.Arguments, "rpc", "serve", port]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (key, value) in side.Environment) start.Environment[key] = value;
        using var server = ChildProcess.Start($"The server of {side.Name}", start);
        try
        {
            await WaitUntilReadyAsync(server, cancellationToken);
            string[] arguments = [.. side.Arguments, "rpc", "run", $"127.0.0.1:{port}"];
            return await ChildProcess.RunAsync($"{side.Name} rpc", side.FileName, arguments, side.Environment, Limit, cancellationToken);
        }
        finally
        {
            if (!server.HasExited) server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task WaitUntilReadyAsync(Process server, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Limit);
        try
        {
            while (await server.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                if (line is "ready") return; // the last thing that it prints
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SparkException($"The server of {side.Name} was not ready within {Limit.TotalSeconds:F0} s and was killed.", e);
        }

        throw new SparkException($"The server of {side.Name} ended before it was ready; what it wrote to standard error says why.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
