using System.Diagnostics;
using Sparkish.Deploy;

namespace Sparkish.Tests.Cli;

/// <summary>The real <c>sparkish</c> as a process.</summary>
internal sealed class SparkishProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private SparkishProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "sparkish.dll");

    public static SparkishProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost.Path, ["exec", Assembly, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new SparkishProcess(Process.Start(start)!);
    }

    public static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        var output = process._process.StandardOutput.ReadToEndAsync();
        var error = process._process.StandardError.ReadToEndAsync();
        return (await process.ExitAsync(), await output, await error);
    }

    /// <summary>Reads what it says until a line holds a text, and returns that line.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        while (await _process.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }

        throw new AssertionException($"sparkish ended before it said '{text}'.");
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public void Terminate() => Sparkish.Deploy.Worker.UnixSignals.Terminate(_process);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
