using System.Diagnostics;
using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// Three candidates at one store, struck by one fault after the other, all from one seed; at the end the journal is compared with what they said.
/// </summary>
internal sealed class FaultRun(FaultTarget target, FaultSettings settings, Action<string> say) : IAsyncDisposable
{
    private const int Candidates = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(settings.Seed);
    private readonly List<FaultProcess> _ended = [];
    private readonly Dictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly List<(FaultProcess Process, IReadOnlyList<FaultGate> Gates)> _running = [];

    /// <summary>Runs for a time, then checks.</summary>
    /// <returns>What is wrong; nothing if nothing is.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan duration)
    {
        for (var i = 0; i < Candidates; i++) StartCandidate();
        await ProgressAsync("the start");
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration)
        {
            await (settings.IsHarsh ? StrikeHarshlyAsync() : StrikeAsync());
            await target.ObserveAsync();

            // Mostly the next fault finds a leader at work, at times one that is about to become it.
            if (_random.Next(4) > 0) await ProgressAsync("a fault");
            await Task.Delay(TimeSpan.FromSeconds(settings.IsHarsh ? 0.1 : 0.2 + (1.5 * _random.NextDouble())));
        }

        await ProgressAsync("the last fault");
        foreach (var (process, _) in _running) await process.StopAsync();
        return await CheckAsync(watch.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, gates) in _running)
        {
            await process.DisposeAsync();
            foreach (var gate in gates) gate.Dispose();
        }

        foreach (var process in _ended) await process.DisposeAsync();
    }

    private void StartCandidate()
    {
        var gates = target.Ports.Select(port => new FaultGate(port)).ToList();
        _running.Add((FaultProcess.Start(target.Kind, target.Through(gates)), gates));
    }

    private async Task StrikeAsync()
    {
        var pause = TimeSpan.FromSeconds(0.3 + (5 * _random.NextDouble()));

        // Most faults hit the leader: the others only wait.
        var victim = _random.Next(4) == 0 ? _running[_random.Next(_running.Count)] : _running.MaxBy(static candidate => candidate.Process.LastLed);
        var servers = target.Faults(_random);
        var choice = _random.Next(5 + (2 * servers.Count));
        switch (choice)
        {
            case 0 or 1:
                Note("candidate killed");
                await victim.Process.KillAsync();
                _ended.Add(victim.Process);
                _running.Remove(victim);
                foreach (var gate in victim.Gates) gate.Dispose();
                StartCandidate();
                break;
            case 2 or 3:
                Note("candidate frozen");
                await victim.Process.FreezeAsync();
                await Task.Delay(pause);
                await victim.Process.ThawAsync();
                break;
            case 4 when victim.Gates.Count > 0:
                Note("candidate cut off");
                await CutOffAsync(victim.Gates, pause, servers);
                break;
            case 4: break;
            default:
                var fault = servers[(choice - 5) / 2];
                Note(fault.Name);
                await fault.Begin();
                await Task.Delay(pause);
                await fault.End();
                break;
        }
    }

    // Half of them full disks, half of them restarts.
    private async Task StrikeHarshlyAsync()
    {
        var isDisk = _random.Next(2) == 0;
        var faults = target.Faults(_random).Where(fault => isDisk == fault.Name.StartsWith("disk", StringComparison.Ordinal)).ToList();
        if (faults.Count == 0) return;
        var fault = faults[_random.Next(faults.Count)];
        Note(fault.Name);
        await fault.Begin();
        await Task.Delay(TimeSpan.FromSeconds(isDisk ? 0.3 + _random.NextDouble() : 0.1));
        await fault.End();
    }

    // A leader that hears nothing does not hear either what becomes of its session meanwhile: so half of the time a server's fault comes on top.
    private async Task CutOffAsync(IReadOnlyList<FaultGate> gates, TimeSpan pause, IReadOnlyList<ServerFault> servers)
    {
        foreach (var gate in gates) gate.Cut();
        var also = servers.Count > 0 && _random.Next(2) == 0 ? servers[_random.Next(servers.Count)] : null;
        if (also is not null)
        {
            Note(also.Name + " while a candidate is cut off");
            await also.Begin();
            await also.End();
        }

        await Task.Delay(pause);
        foreach (var gate in gates) gate.Mend();
    }

    private void Note(string fault)
    {
        say($"{target.Kind}: {fault}");
        _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
    }

    /// <summary>Waits until something is acknowledged again.</summary>
    private async Task ProgressAsync(string after)
    {
        var before = AcknowledgedCount;
        for (var watch = Stopwatch.StartNew(); AcknowledgedCount == before; await Task.Delay(50))
        {
            if (watch.Elapsed > Patience) throw new SparkException($"{target.Kind}: nothing was acknowledged within {Patience} after {after} (seed {settings.Seed}).");
        }
    }

    private int AcknowledgedCount => _running.Sum(static candidate => candidate.Process.Acknowledged.Count);

    private async Task<IReadOnlyList<string>> CheckAsync(TimeSpan duration)
    {
        var processes = _running.Select(static candidate => candidate.Process).Concat(_ended).ToList();
        var acknowledged = processes.SelectMany(static process => process.Acknowledged).ToList();
        var terms = processes.SelectMany(static process => process.Terms).ToList();
        var events = acknowledged.Select(static one => one.Event).ToList();
        var (length, problems) = (0, new List<(string Problem, string View)>());
        foreach (var view in target.Views)
        {
            try
            {
                var journal = await ReadAsync(view.Connection);
                length = Math.Max(length, journal.Count);
                problems.AddRange(FaultHistory.Violations(events, terms, journal).Select(problem => (problem, view.Name)));
            }
            catch (JournalException e)
            {
                problems.Add(($"the journal cannot be read: {e.Message}", view.Name));
            }
        }

        say($"{target.Kind}: seed {settings.Seed}, {duration.TotalSeconds:0} s, {string.Join(", ", _faults.OrderBy(static f => f.Key, StringComparer.Ordinal)
            .Select(static f => $"{f.Value} × {f.Key}"))}");
        var violations = problems.GroupBy(static one => one.Problem, static one => one.View)
            .Select(views => $"{views.Key} (by {string.Join(", ", views)})").ToList();
        say($"{target.Kind}: checked {acknowledged.Count} acknowledged events against {length} in the journal, and {terms.Count} terms: "
            + (violations.Count == 0 ? "nothing lost, nothing doubled, never two current leaders" : $"{violations.Count} violations"));
        foreach (var violation in violations.Take(20)) say($"{target.Kind}: VIOLATION: {violation}");
        foreach (var line in await target.ExplainAsync(acknowledged)) say($"{target.Kind}: {line}");
        return violations;
    }

    private async Task<IReadOnlyList<FaultEvent>> ReadAsync(string connection)
    {
        await using var store = FaultStores.OpenStore(target.Kind, connection);
        await using var reader = await store.OpenReaderAsync(FaultStores.Journal);
        var events = new List<FaultEvent>();
        await foreach (var entry in reader.ReadAsync(0)) events.Add(new FaultEvent(entry.Epoch, entry.Sequence, Encoding.UTF8.GetString(entry.Payload.Span)));
        return events;
    }
}
