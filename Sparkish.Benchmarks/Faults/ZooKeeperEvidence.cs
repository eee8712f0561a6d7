namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// Compares acknowledged events with the files of each server, and tells where a transaction is, which server lacks it and which server led later without it.
/// </summary>
/// <param name="files">The files of all servers, which have stopped.</param>
/// <param name="leaders">Which server led from which term on, as far as it was seen.</param>
internal sealed class ZooKeeperEvidence(IReadOnlyList<ZooKeeperFiles> files, IReadOnlyDictionary<long, int> leaders)
{
    private const int MaxExplained = 5;

    /// <summary>One line for each server, and some for the first events that one lacks in the middle of what it has.</summary>
    public IEnumerable<string> Explain(IReadOnlyCollection<FaultAcknowledgement> acknowledged)
    {
        var places = new Dictionary<FaultEvent, ZooKeeperTransaction>();
        foreach (var transaction in files.SelectMany(static server => server.All))
        {
            foreach (var one in ZooKeeperFiles.Events(transaction)) places.TryAdd(one, transaction);
        }

        foreach (var server in files)
        {
            yield return $"server {server.Server} restores {acknowledged.Count(one => server.Restores(one.Event))} of {acknowledged.Count} acknowledged events "
                + $"from its files, which end with {ZooKeeperTransaction.Name(server.Last)}";
        }

        var lost = acknowledged.Where(one => !files.Any(server => server.Restores(one.Event))).ToList();
        var logged = lost.Count(one => places.TryGetValue(one.Event, out var place) && files.Count(server => server.Has(place.Zxid)) > files.Count / 2);
        if (lost.Count > 0)
            yield return $"no server restores {lost.Count} acknowledged events, of which {logged} are whole in the logs of a majority";
        foreach (var line in WrongAnswers(acknowledged, places)) yield return line;
        var damaged = acknowledged.Where(one => files.Any(server => IsDamagedAt(server, one, places))).OrderBy(static one => one.Event.Sequence).ToList();
        foreach (var one in damaged.Take(MaxExplained))
        {
            foreach (var line in ExplainOne(one, places.GetValueOrDefault(one.Event))) yield return line;
        }
    }

    // An answer that a client took for another request's would show here.
    private static IEnumerable<string> WrongAnswers(
        IReadOnlyCollection<FaultAcknowledgement> acknowledged, Dictionary<FaultEvent, ZooKeeperTransaction> places) =>
        acknowledged.Where(one => one.Zxid != 0 && places.TryGetValue(one.Event, out var place) && place.Zxid != one.Zxid).Take(MaxExplained).Select(one =>
            $"{one.Event} was answered as transaction {ZooKeeperTransaction.Name(one.Zxid)}, but is {ZooKeeperTransaction.Name(places[one.Event].Zxid)}");

    private static bool IsDamagedAt(ZooKeeperFiles server, FaultAcknowledgement one, Dictionary<FaultEvent, ZooKeeperTransaction> places)
    {
        if (server.Restores(one.Event)) return false;
        return !places.TryGetValue(one.Event, out var place) || server.Last > place.Zxid || server.Has(place.Zxid);
    }

    private IEnumerable<string> ExplainOne(FaultAcknowledgement one, ZooKeeperTransaction? place)
    {
        var zxid = place?.Zxid ?? one.Zxid;
        var answer = one.Zxid == 0 ? "its answer was lost, and the head told that it was done" : $"answered as transaction {ZooKeeperTransaction.Name(one.Zxid)}";
        var where = place is null ? "in no log" : $"transaction {ZooKeeperTransaction.Name(zxid)} of session {ZooKeeperTransaction.Name(place.Session)}";
        yield return $"{one.Event}: {answer}; {where}";
        foreach (var server in files) yield return $"  server {server.Server} {server.Describe(one.Event, zxid)}";
        var lacking = files.Where(server => !server.Restores(one.Event)).Select(static server => server.Server).ToHashSet();
        var later = leaders.Where(term => term.Key > zxid >> 32 && lacking.Contains(term.Value)).OrderBy(static term => term.Key).ToList();
        if (later.Count > 0)
            yield return $"  led later although it lacks it: {string.Join(", ", later.Take(MaxExplained).Select(static term => $"server {term.Value} in term {term.Key}"))}";
    }
}
