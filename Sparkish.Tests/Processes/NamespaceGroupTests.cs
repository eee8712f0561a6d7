using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>A group of real processes, each on a machine of its own as far as the network goes, and what it tells of faults.</summary>
[Long]
[NonParallelizable]
internal sealed class NamespaceGroupTests
{
    /// <summary>How many nodes the large run has; without it the large run is skipped.</summary>
    private const string NodesVariable = "SPARKISH_NAMESPACE_NODES";

    private static int? GivenSize =>
        Environment.GetEnvironmentVariable(NodesVariable) is { Length: > 0 } nodes ? int.Parse(nodes, CultureInfo.InvariantCulture) : null;

    [Test]
    public async Task Five_machines_tell_of_a_stall_a_cut_link_a_freeze_a_kill_and_a_leave()
    {
        await using var network = await NamespaceNetwork.CreateAsync(5);
        var group = new FaultLog(Enumerable.Range(0, 5).Select(number => new GroupMember(network, number)));
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            await StallAsync(group, 4);
            await CutLinkAsync(network, group, 2, 3, TimeSpan.FromSeconds(6));
            await FreezeAsync(group, 4, TimeSpan.Zero);
            await KillAsync(group, 3);
            await LeaveAsync(group, 2);
        });
    }

    [Test]
    public async Task A_machine_that_was_isolated_removes_nobody_when_it_returns_is_told_of_its_removal_and_rejoins()
    {
        const int Away = 4;
        var size = GivenSize ?? 7;
        await using var network = await NamespaceNetwork.CreateAsync(size);
        var group = new FaultLog(Enumerable.Range(0, size).Select(number => new GroupMember(network, number)));
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            await IsolateAsync(network, group, Away);

            Assert.That(group.Told("Down").Where(told => told.By.Number != Away && told.Line.Member != group[Away].Address), Is.Empty,
                "Those that hear each other remove none of themselves.");

            var returned = group.Begin($"the cable of {Away} is plugged in again");
            await network.PlugAsync(Away);
            await group.AllOthersHearAsync("Up", Away);
            var removal = await group[Away].HearsAsync("Down", group[Away], returned);
            await group[Away].HearsAsync("Up", group[Away], removal.Time);
            await group.SettleAsync();

            Assert.That(group.Told("Down"), Is.Empty, "The one that returns removes nobody, and nobody removes it again.");
        });
    }

    [Test]
    public async Task Many_machines_tell_the_same()
    {
        if (GivenSize is null) Assert.Ignore($"Set {NodesVariable} to the number of nodes, such as 20.");
        var size = GivenSize.Value;
        await using var network = await NamespaceNetwork.CreateAsync(size);
        var group = new FaultLog(Enumerable.Range(0, size).Select(number => new GroupMember(network, number)));
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            await StallAsync(group, 4);
            await CutLinkAsync(network, group, 2, 3, TimeSpan.FromSeconds(20));
            await CutLinkOneWayAsync(network, group, 3, 2, TimeSpan.FromSeconds(20));
            await FreezeAsync(group, 4, TimeSpan.FromSeconds(30));
            await UnplugAsync(network, group, 1);
            await KillAsync(group, 3);
            await LeaveAsync(group, 2);
        });
    }

    private static async Task StallAsync(FaultLog group, int number)
    {
        group.Begin($"process {number} stands still for 3 s");
        await group[number].FreezeAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await group[number].ThawAsync();
        await group.SettleAsync();

        Assert.That(group.Told("Down"), Is.Empty, "Nobody is removed for a stall of three seconds.");
    }

    private static async Task CutLinkAsync(NamespaceNetwork network, FaultLog group, int a, int b, TimeSpan duration)
    {
        group.Begin(string.Create(CultureInfo.InvariantCulture, $"link between {a} and {b} is cut for {duration.TotalSeconds} s"));
        await network.CutAsync(a, b);
        Assert.That(await group[a].CanDialAsync(group[b]), Is.False);
        Assert.That(await group[b].CanDialAsync(group[a]), Is.False);
        await Task.Delay(duration);
        await network.HealAsync(a, b);
        await group.SettleAsync();

        Assert.That(group.Told("Down"), Is.Empty, "Others reach both.");
    }

    private static async Task CutLinkOneWayAsync(NamespaceNetwork network, FaultLog group, int from, int to, TimeSpan duration)
    {
        group.Begin(string.Create(CultureInfo.InvariantCulture, $"what {from} sends to {to} is lost for {duration.TotalSeconds} s"));
        await network.CutOneWayAsync(from, to);
        Assert.That(await group[from].CanDialAsync(group[to]), Is.False);
        await Task.Delay(duration);
        await network.HealOneWayAsync(from, to);
        await group.SettleAsync();

        Assert.That(group.Told("Down"), Is.Empty, "Others reach both.");
    }

    private static async Task FreezeAsync(FaultLog group, int number, TimeSpan atLeast)
    {
        group.Begin(atLeast > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"process {number} stands still for {atLeast.TotalSeconds} s")
            : $"process {number} stands still until it is removed");
        var time = Task.Delay(atLeast);
        await group[number].FreezeAsync();
        await group.AllOthersHearAsync("Down", number);
        await time;

        group.Begin($"process {number} goes on");
        await group[number].ThawAsync();
        await group.AllOthersHearAsync("Up", number);
        await group.SettleAsync();
    }

    /// <summary>Pulls a cable until each side holds the other for dead.</summary>
    private static async Task IsolateAsync(NamespaceNetwork network, FaultLog group, int number)
    {
        group.Begin($"the cable of {number} is pulled");
        await network.UnplugAsync(number);
        await Task.WhenAll(group.AllOthersHearAsync("Down", number), group.HearsOfAllOthersAsync(number, "Down"));
    }

    private static async Task UnplugAsync(NamespaceNetwork network, FaultLog group, int number)
    {
        group.Begin($"the cable of {number} is pulled");
        await network.UnplugAsync(number);
        await group.AllOthersHearAsync("Down", number);

        group.Begin($"the cable of {number} is plugged in again");
        await network.PlugAsync(number);
        await group.AllOthersHearAsync("Up", number);
        await group.SettleAsync();
    }

    private static async Task KillAsync(FaultLog group, int number)
    {
        group.Begin($"process {number} is killed (-9)");
        await group[number].KillAsync();
        await group.AllOthersHearAsync("Down", number);
        Assert.That(group.Told("Down").Select(told => told.Line.Reason), Has.All.Contains("it refuses connections"));

        group.Begin($"{number} is started again");
        group[number].Start();
        await group.AllOthersHearAsync("Up", number);
        await group.SettleAsync();
    }

    private static async Task LeaveAsync(FaultLog group, int number)
    {
        group.Begin($"{number} leaves");
        await group[number].LeaveAsync();
        await group.AllOthersHearAsync("Left", number);

        Assert.That(group.Told("Down"), Is.Empty);
        Assert.That(group.Told("Suspected"), Is.Empty);
    }
}
