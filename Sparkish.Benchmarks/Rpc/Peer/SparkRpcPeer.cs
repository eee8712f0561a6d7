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
        using var server = await StartServerAsync(port, cancellationToken);
        try
        {
            string[] arguments = [.. side.Arguments, "rpc", "run", $"127.0.0.1:{port}"];
            return await ChildProcess.RunAsync($"{side.Name} rpc", side.FileName, arguments, side.Environment, Limit, cancellationToken);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<Process> StartServerAsync(string port, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(side.FileName, [.. side.Arguments, "rpc", "serve", port]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (key, value) in side.Environment) start.Environment[key] = value;
        var server = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Limit);
        while (await server.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line is "ready") return server; // the last thing that it prints
        }

        await server.WaitForExitAsync(deadline.Token);
        var status = server.ExitCode;
        server.Dispose();
        throw new SparkException($"The server of {side.Name} ended with exit status {status} before it was ready.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
