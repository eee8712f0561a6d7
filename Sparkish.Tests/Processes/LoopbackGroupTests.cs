using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>A group of real processes on this machine, and what it tells of restarts and of a process that claims another one's address.</summary>
internal sealed class LoopbackGroupTests
{
    [Test, Long]
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
    public async Task A_process_that_claims_the_address_of_a_live_one_is_refused_and_the_group_hears_nothing_of_it()
    {
        const int Claimed = 4;
        await using var machines = new LoopbackMachines();
        var group = new FaultLog(Enumerable.Range(0, 5).Select(number => new GroupMember(machines, number)));
        var rival = new GroupMember(machines, number: 5, claims: Claimed);
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            group.Begin($"another process claims the address of {Claimed}");
            rival.Start();

            await Task.WhenAny(group[0].LogsAsync("give each node its own address"), group[1].LogsAsync("give each node its own address"));
            await rival.LogsAsync("give each node its own address");
            await group.SettleAsync();

            Assert.That(group.ToldOfOthers(), Is.Empty);
        });
    }
}
