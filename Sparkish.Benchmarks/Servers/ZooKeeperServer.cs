using System.Diagnostics;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Servers;

/// <summary>One server of an ensemble: a directory that stays, and a process that comes and goes.</summary>
internal sealed class ZooKeeperServer(int number, int clientPort, string directory, IReadOnlyList<string> command) : IAsyncDisposable
{
    // The shell tells the server's process id, sends it the signals that it is told, and kills it when our process is gone, however that came: its end of
    // the pipe closes then.
    private const string Guard = """
        log=$1; shift
        "$@" </dev/null >>"$log" 2>&1 &
        echo $!
        while read signal; do kill -$signal $! 2>/dev/null; echo sent; done
        kill -KILL $! 2>/dev/null
        """;

    private Process? _shell;
    private int _processId;

    /// <summary>1 for the first server.</summary>
    public int Number { get; } = number;

    public int ClientPort { get; } = clientPort;

    public bool IsRunning => _shell is not null;

    /// <summary>Whether it was started and has ended by itself, out of memory for example.</summary>
    public bool HasDied => IsRunning && (StateOf(_processId) is null or 'Z');

    /// <summary>Where its snapshots and its transaction log are.</summary>
    public string DataDirectory => Path.Combine(directory, "data");

    // Beside its directory, which may be a disk that is full.
    private string LogFile => directory + ".log";

    /// <summary>The end of what the server has said, for errors.</summary>
    public string LogTail => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(20)) : "";

    public async Task StartAsync()
    {
        if (_shell is not null) throw new InvalidOperationException($"ZooKeeper server {Number} runs already.");
        _shell = ChildProcess.Start("A ZooKeeper server", new ProcessStartInfo("/bin/sh", ["-c", Guard, "sh", LogFile, .. command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        });
        var line = await _shell.StandardOutput.ReadLineAsync();
        _processId = int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new SparkException($"The shell of a ZooKeeper server said '{line}' instead of a process id.");
    }

    /// <summary>Asks the process to end, and waits.</summary>
    public Task StopAsync() => EndAsync("TERM");

    /// <summary>Kills the process, and waits.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>Removes all data of a stopped server, but for its number: at its start it takes everything from the others.</summary>
    public void Empty()
    {
        if (_shell is not null) throw new InvalidOperationException($"ZooKeeper server {Number} runs.");
        foreach (var version in Directory.EnumerateDirectories(DataDirectory)) Directory.Delete(version, recursive: true);
    }

    /// <summary>Stops the process where it stands; its connections stay open.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Copies its data and what it has said to a new directory.</summary>
    public void CopyTo(string target)
    {
        foreach (var file in Directory.EnumerateFiles(DataDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(DataDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        File.Copy(LogFile, Path.Combine(target, "server.log"), overwrite: true);
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task EndAsync(string signal)
    {
        if (_shell is not { } shell) return;
        await SignalAsync(signal);
        if (signal == "TERM") await WaitForExitAsync(_processId);
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
        _shell = null;
    }

    private static async Task WaitForExitAsync(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await process.WaitForExitAsync(limit.Token);
        }
        catch (Exception e) when (e is ArgumentException or OperationCanceledException)
        {
            // Gone already; or it takes too long, and the shell kills it.
        }
    }

    /// <summary>Linux's letter for the state of a process: Z for a zombie; null if the process does not exist.</summary>
    private static char? StateOf(int processId)
    {
        try
        {
            var line = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return line[line.LastIndexOf(')') + 2]; // behind the name, which may hold anything
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task SignalAsync(string signal)
    {
        if (_shell is null) throw new InvalidOperationException($"ZooKeeper server {Number} does not run.");
        await _shell.StandardInput.WriteLineAsync(signal);
        await _shell.StandardInput.FlushAsync();
        await _shell.StandardOutput.ReadLineAsync();
    }
}
