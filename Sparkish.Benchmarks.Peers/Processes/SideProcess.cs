using System.Diagnostics;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Peers.Processes;

/// <summary>One process of a side, from outside.</summary>
internal sealed class SideProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(2);

    private readonly string _what;
    private readonly Process _process;

    private SideProcess(string what, Process process) => (_what, _process) = (what, process);

    /// <summary>What the process told about itself once it was ready.</summary>
    public string Address { get; private set; } = "";

    /// <exception cref="SparkException">The process could not be started, or ended before it was ready.</exception>
    public static async Task<SideProcess> StartAsync(string side, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var host = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(host) is "dotnet" ? ["exec", typeof(SideProcess).Assembly.Location] : [];
        var process = new SideProcess(side, ChildProcess.Start(side, new ProcessStartInfo(host, [.. program, SideCommand.Name, side, .. options])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }));
        try
        {
            process.Address = await process.ReadAsync(SideCommand.Ready, cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says a line and returns the answer.</summary>
    /// <exception cref="SparkException">The process ended, or has not answered in time.</exception>
    public async Task<string> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(SideCommand.Readings, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    /// <summary>Reads to the line that begins so; frameworks may print others.</summary>
    private async Task<string> ReadAsync(string beginning, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal)) return line[beginning.Length..];
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SparkException($"{_what} has not answered within {AnswerLimit.TotalSeconds:F0} s.", e);
        }

        throw new SparkException($"{_what} ended; its standard error tells why.");
    }
}
