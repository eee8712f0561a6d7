using System.Diagnostics;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>The other process of the pair, from the side that started it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ServerProcess(Process process, ServerReady ready) => (_process, Ready) = (process, ready);

    public ServerReady Ready { get; }

    /// <exception cref="SparkException">The process could not be started or did not come to listen.</exception>
    public static async Task<ServerProcess> StartAsync(string? secret, CancellationToken cancellationToken)
    {
        var ours = BenchSide.Ours();
        var process = ChildProcess.Start("The server process", new ProcessStartInfo(ours.FileName, [.. ours.Arguments, "rpc", ServeCommand.Name])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        });
        try
        {
            await process.StandardInput.WriteLineAsync(secret ?? "");
            await process.StandardInput.FlushAsync(cancellationToken);
            return new ServerProcess(process, ServerReady.Parse(await process.StandardOutput.ReadLineAsync(cancellationToken)));
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    public ValueTask DisposeAsync() => EndAsync(_process);

    private static async ValueTask EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
