using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Simulation;

internal sealed class SimulatedDiskTests
{
    [FsCheck.NUnit.Property]
    public void A_lost_machine_keeps_what_was_flushed_and_a_prefix_of_the_rest(long seed, byte[] flushed, byte[] rest)
    {
        var node = NewNode(seed);
        node.Disk.Append("f", flushed);
        node.Disk.Flush("f");
        node.Disk.Append("f", rest);

        node.LoseMachine();

        var kept = node.Disk.Read("f");
        Assert.That(kept, Has.Length.InRange(flushed.Length, flushed.Length + rest.Length));
        Assert.That(kept, Is.EqualTo(flushed.Concat(rest).Take(kept.Length)));
    }

    [Test]
    public void A_killed_process_loses_nothing_that_was_written()
    {
        var node = NewNode(1);
        node.Disk.Append("f", [1, 2]);

        node.Crash();

        Assert.That(node.Disk.Read("f"), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public void A_full_disk_refuses_what_does_not_fit_and_keeps_the_old()
    {
        var disk = NewNode(1).Disk;
        disk.Replace("f", [1, 2]);
        disk.Capacity = 3;

        Assert.That(() => disk.Append("f", [3, 4]), Throws.InstanceOf<IOException>().With.Message.Contains("No space left"));
        Assert.That(() => disk.Replace("f", [3, 4]), Throws.InstanceOf<IOException>());
        Assert.That(disk.Read("f"), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public void A_lost_disk_is_empty()
    {
        var disk = NewNode(1).Disk;
        disk.Append("f", [1]);

        disk.Lose();

        Assert.That((disk.Names.Count, disk.Exists("f"), disk.Used, disk.Delete("f")), Is.EqualTo((0, false, 0L, false)));
        Assert.That(() => disk.Read("f"), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("'f'"));
    }

    private static SimulatedNode NewNode(long seed) => new SimulatedCluster(seed).AddNode("n", (RpcEnv _) => { });
}
