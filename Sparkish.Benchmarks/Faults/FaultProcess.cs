using System.Diagnostics;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Faults;

/// <summary>The process of a <see cref="FaultCandidate"/>, from outside: what it said, and what can be done to it.</summary>
internal sealed class FaultProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<FaultAcknowledgement> _acknowledged = [];
    private readonly Dictionary<long, FaultTerm> _terms = [];
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FaultProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public IReadOnlyList<FaultAcknowledgement> Acknowledged
    {
        get { lock (_lock) return [.. _acknowledged]; }
    }

    public IReadOnlyList<FaultTerm> Terms
    {
        get { lock (_lock) return [.. _terms.Values]; }
    }

    /// <summary>When it last led, by the machine's clock; 0 if it never did.</summary>
    public long LastLed
    {
        get { lock (_lock) return _terms.Count == 0 ? 0 : _terms.Values.Max(static term => term.Last); }
    }

    public static FaultProcess Start(string kind, string connection)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FaultProcess).Assembly.Location, "faults-candidate", kind, connection])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var candidate = new FaultProcess(ChildProcess.Start("A candidate", start));
        candidate._process.OutputDataReceived += (_, line) => candidate.Take(line.Data);
        candidate._process.BeginOutputReadLine();
        return candidate;
    }

    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ThawAsync() => SignalAsync("-CONT");

    /// <summary>Kills it and waits until all that it said was read.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Lets it end in order.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        await _read.Task.WaitAsync(Limit);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _read.TrySetResult();
            return;
        }

        lock (_lock)
        {
            switch (line.Split(' '))
            {
                case ["ack", var epoch, var sequence, var text, var zxid]:
                    _acknowledged.Add(new FaultAcknowledgement(new FaultEvent(Number(epoch), Number(sequence), text), Number(zxid)));
                    break;
                case ["current", var epoch, var time]: Extend(Number(epoch), Number(time)); break;
                default: break; // the last line of a process that was killed may be cut, and others are for people
            }
        }
    }

    private void Extend(long epoch, long time) =>
        _terms[epoch] = _terms.TryGetValue(epoch, out var term) ? term with { Last = time } : new FaultTerm(epoch, Id, time, time);

    private async Task SignalAsync(string signal) => await ChildProcess.RunAsync("kill", "kill", [signal, Id.ToString(CultureInfo.InvariantCulture)],
        new Dictionary<string, string>(StringComparer.Ordinal), Limit, CancellationToken.None);

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
