using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>
/// Groups of real processes on envs on Akka.NET that stand still, are killed, leave and join again. Each test writes what each node was told, and when.
/// </summary>
[Platform("Unix", Reason = "Processes elsewhere cannot be made to stand still.")]
internal sealed class AkkaGroupTests
{
    private const int Size = 5;
    private const int MaxAsks = 20;
    private static readonly TimeSpan ShortStall = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongStall = TimeSpan.FromSeconds(30);

    [Test, Long]
    public async Task A_node_that_stands_still_for_three_seconds_stays_a_member_and_one_that_is_killed_does_not()
    {
        await using var machines = new LoopbackMachines();
        var group = NewGroup(machines, "akka");
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();

            group.Begin("process 4 stands still for 3 s");
            await StandStillAsync(group[4], ShortStall);
            await group.SettleAsync();
            Assert.That(group.Told("Down"), Is.Empty);

            group.Begin("process 3 is killed (-9)");
            await group[3].KillAsync();
            await group.AllOthersHearAsync("Down", 3);
            Assert.That(group.Told("Down").Select(told => told.Line.Member), Has.All.EqualTo(group[3].Address));
        });
    }

    [Test, Long]
    public async Task Five_processes_tell_of_stalls_a_kill_a_leave_and_of_members_that_return()
    {
        await using var machines = new LoopbackMachines();
        var group = NewGroup(machines, "akka");
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();

            group.Begin("process 4 stands still for 3 s");
            await StandStillAsync(group[4], ShortStall);
            await group.SettleAsync();
            Assert.That(group.Told("Down"), Is.Empty);

            group.Begin("process 2 stands still for 30 s");
            await StandStillAsync(group[2], LongStall);
            await group.AllOthersHearAsync("Down", 2);
            await group.SettleAsync();
            Assert.That(group.Told("Down").Select(told => told.Line.Member), Has.All.EqualTo(group[2].Address), "the one that stood still blames nobody");
            await AllAnswerAsync(group, 2);

            group.Begin("process 0, the first seed, stands still for 30 s");
            await StandStillAsync(group[0], LongStall);
            await group.AllOthersHearAsync("Down", 0);
            await group.SettleAsync();
            await AllAnswerAsync(group, 0);

            group.Begin("process 3 is killed (-9)");
            await group[3].KillAsync();
            await group.AllOthersHearAsync("Down", 3);

            group.Begin("process 3 is started again");
            group[3].Start();
            await group.AllOthersHearAsync("Up", 3);
            await group.SettleAsync();

            group.Begin("process 1 leaves");
            await group[1].LeaveAsync();
            await group.AllOthersHearAsync("Left", 1);
            Assert.That(group.Told("Down"), Is.Empty);

            group.Begin("process 1 joins again");
            await group[1].RejoinAsync();
            await group.AllOthersHearAsync("Up", 1);
            await group.SettleAsync();
        });
    }

    /// <summary>Without Akka.Cluster nothing of Akka quarantines a node, though its detectors take it for dead.</summary>
    [Test, Long]
    public async Task After_a_stall_that_is_longer_than_the_detectors_of_Akka_messages_flow_again_without_a_cluster_too()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "detectors.hocon");
        await File.WriteAllTextAsync(file, "akka.remote.transport-failure-detector { heartbeat-interval = 1s, acceptable-heartbeat-pause = 5s }");
        await using var machines = new LoopbackMachines();
        var group = NewGroup(machines, "swim", $"spark.akka.conf={file}");
        await group.TellAsync(async () =>
        {
            await group.JoinAsync();
            await AllAnswerAsync(group, 2);

            group.Begin("process 2 stands still for 30 s");
            await StandStillAsync(group[2], LongStall);
            await group.AllOthersHearAsync("Up", 2);
            await group.SettleAsync();

            await AllAnswerAsync(group, 2);
        });
    }

    private static async Task StandStillAsync(GroupMember member, TimeSpan duration)
    {
        await member.FreezeAsync();
        await Task.Delay(duration);
        await member.ThawAsync();
    }

    /// <summary>Endpoints of a node answer all others, and those of the others answer it.</summary>
    private static async Task AllAnswerAsync(FaultLog group, int number)
    {
        foreach (var other in Enumerable.Range(0, Size).Where(other => other != number))
        {
            await AnswersAsync(group[number], group[other]);
            await AnswersAsync(group[other], group[number]);
        }
    }

    /// <summary>A message may still be refused until both ends know that the stall ended the association of before: such an ask is repeated.</summary>
    private static async Task AnswersAsync(GroupMember member, GroupMember asking)
    {
        for (var attempt = 0; !await asking.CanAskAsync(member); attempt++) Assert.That(attempt, Is.LessThan(MaxAsks), asking.Transcript);
    }

    private static FaultLog NewGroup(LoopbackMachines machines, string provider, params string[] settings)
    {
        var program = new MemberProgram(typeof(AkkaGroupTests).Assembly.Location, [$"spark.membership.provider={provider}", .. settings]);
        return new FaultLog(Enumerable.Range(0, Size).Select(number => new GroupMember(machines, number, program: program)));
    }
}
