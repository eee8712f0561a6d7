using System.Globalization;
using Sparkish.Benchmarks.Servers;

namespace Sparkish.Benchmarks.Faults;

/// <summary>Three servers of ZooKeeper, each with a disk of its own where disks may be filled up.</summary>
internal sealed class ZooKeeperTarget : FaultTarget
{
    private readonly ZooKeeperEnsemble _ensemble;
    private readonly List<FaultDisk> _disks;
    private readonly FaultSettings _settings;
    private readonly Dictionary<long, int> _leaders = [];

    private ZooKeeperTarget(ZooKeeperEnsemble ensemble, List<FaultDisk> disks, FaultSettings settings) =>
        (_ensemble, _disks, _settings) = (ensemble, disks, settings);

    public override string Kind => FaultStores.ZooKeeper;

    public override string Direct => _ensemble.Url + "/faults";

    public override IReadOnlyList<int> Ports => [.. _ensemble.All.Select(server => server.ClientPort)];

    public override IReadOnlyList<FaultView> Views =>
        [.. _ensemble.All.Select(server => new FaultView($"server {server.Number}", Address(server.ClientPort) + "/faults"))];

    public static async Task<FaultTarget> StartAsync(bool hasDisks, FaultSettings settings)
    {
        var disks = new List<FaultDisk>();
        var ensemble = await ZooKeeperEnsemble.StartAsync(async directory =>
        {
            if (hasDisks) disks.Add(await FaultDisk.MountAsync(directory));
        });
        return new ZooKeeperTarget(ensemble, disks, settings);
    }

    public override string Through(IReadOnlyList<FaultGate> gates) => string.Join(',', gates.Select(gate => Address(gate.Port))) + "/faults";

    public override IReadOnlyList<ServerFault> Faults(Random random)
    {
        var server = _ensemble.All[random.Next(_ensemble.All.Count)];
        return
        [
            new ServerFault($"server {server.Number} killed", server.KillAsync, RepairAsync),
            new ServerFault($"server {server.Number} frozen", server.FreezeAsync, RepairAsync),
            new ServerFault("all servers restarted", () => Task.WhenAll(_ensemble.All.Select(one => one.StopAsync())), RepairAsync),
            .. FullDisks(server),
        ];
    }

    public override async Task ObserveAsync()
    {
        if (await _ensemble.TermAsync() is var (term, server)) _leaders[term] = server;
    }

    public override async Task<IReadOnlyList<string>> ExplainAsync(IReadOnlyCollection<FaultAcknowledgement> acknowledged)
    {
        await Task.WhenAll(_ensemble.All.Select(server => server.KillAsync()));
        if (_settings.Evidence is { } evidence)
        {
            foreach (var server in _ensemble.All) server.CopyTo(Path.Combine(evidence, server.Number.ToString(CultureInfo.InvariantCulture)));
        }

        var files = _ensemble.All.Select(server => ZooKeeperFiles.Read(server.Number, server.DataDirectory)).ToList();
        return [.. new ZooKeeperEvidence(files, _leaders).Explain(acknowledged)];
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _ensemble.All) await server.KillAsync();
        foreach (var disk in _disks) await disk.UnmountAsync();
        await _ensemble.DisposeAsync();
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private IEnumerable<ServerFault> FullDisks(ZooKeeperServer server)
    {
        if (_disks.Count == 0) yield break;
        var disk = _disks[server.Number - 1];
        yield return _settings.ZooKeeperDisks switch
        {
            ZooKeeperDisks.Rebuild => new ServerFault($"disk of server {server.Number} full, server rebuilt", disk.FillAsync, () => RebuildAsync(server, disk)),
            ZooKeeperDisks.Keep => new ServerFault($"disk of server {server.Number} full", disk.FillAsync, () => MakeRoomAsync(disk)),
            _ => new ServerFault("disks of all servers full", () => Task.WhenAll(_disks.Select(one => one.FillAsync())), () => MakeRoomAsync([.. _disks])),
        };
    }

    // What is written while it is stopped is in the files of both others, with everything before: then it can be done without what its own files have.
    private async Task RebuildAsync(ZooKeeperServer server, FaultDisk disk)
    {
        await server.KillAsync();
        await _ensemble.ServesAsync();
        server.Empty();
        await MakeRoomAsync(disk);
    }

    private async Task MakeRoomAsync(params FaultDisk[] disks)
    {
        foreach (var disk in disks) await disk.MakeRoomAsync();
        await RepairAsync();
    }

    private Task RepairAsync() => _ensemble.RepairAsync();
}
