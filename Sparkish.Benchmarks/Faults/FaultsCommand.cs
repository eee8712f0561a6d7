using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// <c>faults</c>: leaders that are killed, frozen and cut off, servers that are restarted, sessions and backends that are killed, disks that are full; then
/// whether anything that was acknowledged is lost or doubled, and whether two ever led at once.
/// </summary>
internal static class FaultsCommand
{
    private const string Everything = "all";

    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "files, postgresql, zookeeper, akka, raft, or all.", DefaultValueFactory = _ => Everything };
        var minutes = new Option<double>("--minutes") { Description = "How long in all; the stores share it.", DefaultValueFactory = _ => 1 };
        var seed = new Option<int?>("--seed") { Description = "The seed of the faults; one by chance unless given. It is printed." };
        var noFullDisks = new Option<bool>("--no-full-disks") { Description = "Fill up no disk." };
        var harsh = new Option<bool>("--harsh") { Description = "Only full disks and restarts of servers, one right after the other." };
        var disks = new Option<ZooKeeperDisks>("--zookeeper-disks")
        {
            Description = "Which disks of ZooKeeper's servers fill up: one, whose server is then rebuilt or keeps its files, or those of all servers at once.",
        };
        var evidence = new Option<string?>("--evidence") { Description = "Where the files of ZooKeeper's servers are kept at the end." };
        var disk = new Option<string?>("--disk") { Description = "The directory of a disk that may be filled up.", Hidden = true };
        var command = new Command("faults", "Strikes leaders and their stores with faults, and checks what was promised.") { store, minutes, seed, noFullDisks, harsh, disks, evidence, disk };
        command.SetAction(args => RunAsync(
            args.GetValue(store)!, args.GetValue(minutes),
            new FaultSettings(
                args.GetValue(seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue), args.GetValue(harsh), args.GetValue(disks), args.GetValue(evidence)),
            fillsDisks: !args.GetValue(noFullDisks), args.GetValue(disk)));
        return command;
    }

    /// <summary>The process that <see cref="FaultProcess"/> starts.</summary>
    public static Command CreateCandidate()
    {
        var kind = new Argument<string>("store");
        var connection = new Argument<string>("connection");
        var command = new Command("faults-candidate", "A candidate of 'faults'.") { kind, connection };
        command.Hidden = true;
        command.SetAction(args => FaultCandidate.RunAsync(args.GetValue(kind)!, args.GetValue(connection)!));
        return command;
    }

    private static async Task<int> RunAsync(string store, double minutes, FaultSettings settings, bool fillsDisks, string? disk)
    {
        try
        {
            var reason = !fillsDisks ? "--no-full-disks" : disk is null ? await FaultDisk.WhyMissingAsync() : null;
            if (disk is null && reason is null) return await RunWithDiskAsync(store, minutes, settings);
            if (reason is not null) Say($"No disk is filled up: {reason}.");
            return await RunAllAsync(store, TimeSpan.FromMinutes(minutes), settings, disk is null ? null : new FaultDisk(disk));
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"faults: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> RunWithDiskAsync(string store, double minutes, FaultSettings settings)
    {
        var directory = Directory.CreateTempSubdirectory("sparkish-disk-").FullName;
        try
        {
            return await FaultDisk.RunWithinAsync(directory,
            [
                "dotnet", "exec", typeof(FaultsCommand).Assembly.Location, "faults", "--store", store, "--minutes", minutes.ToString(CultureInfo.InvariantCulture),
                "--seed", settings.Seed.ToString(CultureInfo.InvariantCulture), "--zookeeper-disks", settings.ZooKeeperDisks.ToString(), "--disk", directory,
                .. settings.IsHarsh ? ["--harsh"] : Array.Empty<string>(),
                .. settings.Evidence is { } evidence ? ["--evidence", evidence] : Array.Empty<string>(),
            ]);
        }
        finally
        {
            Directory.Delete(directory);
        }
    }

    private static async Task<int> RunAllAsync(string store, TimeSpan duration, FaultSettings settings, FaultDisk? disk)
    {
        var kinds = store == Everything ? FaultStores.All : [store];
        var wrong = 0;
        foreach (var kind in kinds)
        {
            if (FaultTarget.WhyMissing(kind) is { } reason)
            {
                Say($"{kind}: left out: {reason}");
                continue;
            }

            Say($"{kind}: seed {settings.Seed}");
            await using var target = await FaultTarget.StartAsync(kind, disk, settings);
            await using var run = new FaultRun(target, settings, Say);
            wrong += (await run.RunAsync(duration / kinds.Count)).Count;
        }

        Say(wrong == 0 ? "All that was promised was kept." : $"{wrong} violations; --seed {settings.Seed} repeats the faults.");
        return wrong == 0 ? 0 : 1;
    }

    private static void Say(string line) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}"));
}
