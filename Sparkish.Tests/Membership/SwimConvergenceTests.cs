using Sparkish.Benchmarks.Membership;

namespace Sparkish.Tests.Membership;

internal sealed class SwimConvergenceTests
{
    [Test]
    public void After_faults_all_views_agree_with_the_truth()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            TestContext.Progress.WriteLine(seed);
            CheckSeed(seed);
        }
    }

    private static void CheckSeed(int seed)
    {
        var random = new Random(seed);
        var size = random.Next(3, seed % 20 == 0 ? 200 : 25);
        var group = new SwimGroup(size, seed, joined: random.Next(2) == 0);
        var left = new HashSet<int>();
        for (var fault = 0; fault < 15; fault++)
        {
            Strike(group, random, left);
            group.Run(TimeSpan.FromSeconds(6 * random.NextDouble()));
        }

        group.Heal();
        group.Loss = 0;
        foreach (var node in group.Nodes.Where(node => !node.IsRunning && !left.Contains(node.Index) && (node.Index == 0 || random.Next(2) == 0))) node.Start();
        var expected = group.Nodes.Where(node => node.IsRunning).Select(node => node.State.Self.Address).ToArray();
        var agreed = group.RunUntil(() => group.Nodes.Where(node => node.IsRunning).All(node => node.State.Snapshot(0).Members.Select(member => member.Address).SequenceEqual(expected)),
            TimeSpan.FromMinutes(10));

        Assert.That(agreed, Is.True, () => $"seed {seed}, {size} nodes, expected {expected.Length}: " +
            string.Join("; ", group.Nodes.Where(node => node.IsRunning).Select(node => $"{node.Index}: {node.State.Others + 1}")));
        var hashes = group.Nodes.Where(node => node.IsRunning).Select(node => node.State.Hash).Distinct().Count();
        Assert.That(group.RunUntil(() => group.Nodes.Where(node => node.IsRunning).Select(node => node.State.Hash).Distinct().Count() == 1, TimeSpan.FromMinutes(5)), Is.True, $"seed {seed}: {hashes} views");
    }

    private static void Strike(SwimGroup group, Random random, HashSet<int> left)
    {
        var node = group.Nodes[random.Next(group.Nodes.Count)];
        var other = group.Nodes[random.Next(group.Nodes.Count)];
        switch (random.Next(9))
        {
            case 0 when node.IsRunning: node.Kill(); break;
            case 1 when node.IsRunning: node.Lose(); break;
            case 2 when !node.IsRunning && !left.Contains(node.Index): node.Start(); break;
            case 3 when node.IsRunning: node.Pause(TimeSpan.FromSeconds(10 * random.NextDouble())); break;
            case 4: group.Cut(node, other); break;
            case 5:
                var half = random.Next(group.Nodes.Count);
                foreach (var a in group.Nodes)
                {
                    foreach (var b in group.Nodes.Where(b => a.Index < half != b.Index < half)) group.Cut(a, b);
                }

                break;
            case 6: group.Heal(); break;
            case 7: group.Loss = 0.3 * random.NextDouble(); break;
            case 8 when node.IsRunning && node.Index != 0 && random.Next(3) == 0:
                node.Leave();
                left.Add(node.Index);
                break;
        }
    }
}
