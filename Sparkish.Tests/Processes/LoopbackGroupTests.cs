using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>A group of real processes on this machine, and what it tells of restarts and of a process that claims another one's address.</summary>
internal sealed class LoopbackGroupTests
{
    /// <summary>Each word of one of two that claim an address replaces the other for those who hear it, until one yields after four words.</summary>
    private const int MostChangesOfOneAddress = 40;

    [Test]
    [Platform("Unix", Reason = "Processes elsewhere have no SIGTERM.")]
    public async Task Ten_processes_that_are_restarted_one_after_the_other_agree_afterwards_and_none_is_taken_for_dead()
    {
        await using var machines = new LoopbackMachines();
        var group = new FaultLog(Enumerable.Range(0, 10).Select(number => new GroupMember(machines, number)));
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            group.Begin("all are restarted in turn");
            for (var number = 0; number < 10; number++)
            {
                await group[number].StopAsync();
                group[number].Start();
                await group[number].JoinedAsync();
            }

            var watch = Stopwatch.StartNew();
            await group.SettleAsync();

            await TestContext.Out.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"All agree {watch.Elapsed.TotalSeconds:0.0} s after the last has joined."));
            Assert.That(group.Told("Down"), Is.Empty);
        });
    }

    [Test]
    public async Task Two_processes_that_claim_one_address_are_told_so_one_yields_and_the_others_hear_little_of_it()
    {
        const int Claimed = 4;
        await using var machines = new LoopbackMachines();
        var group = new FaultLog(Enumerable.Range(0, 5).Select(number => new GroupMember(machines, number)));
        var rival = new GroupMember(machines, number: 5, claims: Claimed);
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            var begin = group.Begin($"another process claims the address of {Claimed}");
            rival.Start();

            await Task.WhenAll(rival.LogsAsync("uses the address"), group[Claimed].LogsAsync("uses the address"));
            await await Task.WhenAny(rival.HearsAsync("Down", rival, begin), group[Claimed].HearsAsync("Down", group[Claimed], begin));
            await group.SettleAsync(notAsked: Claimed);

            Assert.That(group.ToldOfOthers().Where(told => told.By.Number != Claimed).GroupBy(told => told.By.Number),
                Has.All.Matches<IGrouping<int, (GroupMember, MemberLine)>>(ofOne => ofOne.Count() <= MostChangesOfOneAddress));
        });
    }
}
