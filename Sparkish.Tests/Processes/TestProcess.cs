using System.Collections.Concurrent;
using System.Diagnostics;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Tests.Processes;

/// <summary>A process of a test: its output is kept, lines can be awaited, and it is killed with its children when the test ends.</summary>
internal sealed class TestProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _waits = [];
    private readonly Lock _waitsLock = new();

    private TestProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnLine(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>All that the process said so far, for a failing test's message.</summary>
    public string Transcript => $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}\n"
        + $"--- output\n{string.Join('\n', _output)}\n--- errors\n{string.Join('\n', _errors)}";

    /// <summary>Starts a program; a null value removes a variable of the environment.</summary>
    public static TestProcess Start(
        string fileName, IEnumerable<string> arguments, string? directory = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal)) start.Environment[key] = value;
        return new TestProcess(start);
    }

    /// <summary>Runs a program to its end and returns its standard output; the test fails when its exit status is not 0.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string fileName, IEnumerable<string> arguments, TimeSpan limit, string? directory = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using var process = Start(fileName, arguments, directory, environment);
        var status = await process.WaitForExitAsync(limit);
        Assert.That(status, Is.Zero, process.Transcript);
        return process.Output;
    }

    /// <summary>Starts <c>dotnet exec</c> of an assembly that stands beside the tests.</summary>
    public static TestProcess StartAssembly(string assembly, params string[] arguments) =>
        Start("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]);

    /// <summary>The first line of either stream, said already or to come, that is wanted.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> wanted, TimeSpan limit)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waitsLock) _waits.Add((wanted, seen));
        if (_output.Concat(_errors).FirstOrDefault(wanted) is { } early) return early;

        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(seen.Task, exited, Task.Delay(limit));
        if (seen.Task.IsCompletedSuccessfully) return await seen.Task;
        throw new AssertionException(
            $"{(first == exited ? "The process ended" : $"{limit.TotalSeconds:F0} s passed")} without the awaited line.\n{Transcript}");
    }

    /// <summary>Waits for the end of the process and of its output, and returns its exit status.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new AssertionException($"The process did not end within {limit.TotalSeconds:F0} s.\n{Transcript}", e);
        }
    }

    /// <summary>Ends the process at once.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>Writes a line to the standard input of the process.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Ends the standard input of the process.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Asks the process to end, as <c>kill</c> does.</summary>
    public void Terminate() => UnixSignals.Terminate(_process);

    /// <summary>Sends a signal by its number.</summary>
    public void Signal(int number) => Assert.That(UnixSignals.Send(_process.Id, number), Is.True, $"{_process.Id} takes no signal {number}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void OnLine(ConcurrentQueue<string> stream, string? line)
    {
        if (line is null) return;
        stream.Enqueue(line);
        lock (_waitsLock)
        {
            foreach (var (wanted, seen) in _waits)
            {
                if (wanted(line)) seen.TrySetResult(line);
            }
        }
    }
}
