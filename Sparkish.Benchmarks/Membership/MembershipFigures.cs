using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Membership;

/// <summary>
/// All that <c>membership</c> measures, in the order of the table. Beside the figures stands what memberlist's defaults for local networks come to: the
/// shortest time for which a suspicion runs there, four times the logarithm of the group's size in seconds, and a probe and its answer a second.
/// </summary>
internal static class MembershipFigures
{
    private const string Memberlist = "memberlist's defaults, computed";
    private const double MemberlistMessages = 2;

    public static IEnumerable<IReadOnlyList<Figure>> All(bool isQuick, CancellationToken cancellationToken)
    {
        foreach (var (size, groups) in new[] { (3, isQuick ? 5 : 1000), (10, isQuick ? 5 : 1000), (100, isQuick ? 5 : 1000) })
        {
            Progress($"silent machines in {groups} groups of {size}");
            yield return Silent(size, MembershipTrials.InManyGroups(size, groups, static node => node.Lose(), cancellationToken));
            yield return Killed(size, MembershipTrials.InManyGroups(size, groups, static node => node.Kill(), cancellationToken));
        }

        foreach (var (size, faults) in isQuick ? [(1000, 1)] : new[] { (1000, 30), (5000, 8) })
        {
            Progress($"{faults} silent machines and {faults} killed processes in a group of {size}");
            yield return Silent(size, MembershipTrials.InOneGroup(size, faults, static node => node.Lose(), cancellationToken));
            yield return Killed(size, MembershipTrials.InOneGroup(size, faults, static node => node.Kill(), cancellationToken));
        }

        foreach (var size in isQuick ? [10, 100, 1000] : new[] { 3, 10, 100, 1000, 5000 })
        {
            Progress($"a group of {size} at rest");
            yield return AtRest(size, MembershipTrials.AtRest(size, TimeSpan.FromSeconds(isQuick ? 5 : 30)));
        }

        yield return Removed(isQuick ? 2 : 100, cancellationToken);
    }

    private static Figure[] Silent(int size, IReadOnlyList<Detection> trials) =>
    [
        .. Detect("membership.detect", size, trials),
        Messages(Name($"membership.messages.{size}.failing"), trials.Average(static trial => trial.Messages), trials.Count),
    ];

    private static Figure[] Killed(int size, IReadOnlyList<Detection> trials) =>
    [
        .. Detect("membership.detect.killed", size, trials).Where(static figure => !figure.Name.EndsWith(".first", StringComparison.Ordinal)),
        Messages(Name($"membership.messages.{size}.killed"), trials.Average(static trial => trial.Messages), trials.Count),
    ];

    private static IEnumerable<Figure> Detect(string name, int size, IReadOnlyList<Detection> trials)
    {
        var all = trials.Select(static trial => trial.All).Order().ToArray();
        var published = 4 * Math.Max(1, Math.Log10(size));
        yield return Seconds("", At(all, 0.5));
        yield return Seconds(".p99", At(all, 0.99));
        yield return Seconds(".max", all[^1]);
        yield return Seconds(".first", At([.. trials.Select(static trial => trial.First).Order()], 0.5));

        Figure Seconds(string kind, double value) => Figure.Of(Name($"{name}.{size}{kind}"), value, "s", published, Memberlist, Count(trials.Count));
    }

    private static Figure[] AtRest(int size, Rest rest) =>
    [
        Messages(Name($"membership.messages.{size}"), rest.Messages, 1),
        new Figure(Name($"membership.bytes.{size}"), rest.Bytes, "B", 0, "", 1, Count(1), ""),
    ];

    private static Figure[] Removed(int groups, CancellationToken cancellationToken)
    {
        const int Size = 100;
        Progress($"stalls and lost messages in {groups} groups of {Size}");
        var stalled = MembershipTrials.WronglyRemoved(Size, groups, static group =>
        {
            foreach (var node in group.Nodes.Take(20))
            {
                node.Pause(TimeSpan.FromSeconds(3));
                group.Run(TimeSpan.FromSeconds(8));
            }
        }, cancellationToken);
        var lossy = MembershipTrials.WronglyRemoved(Size, groups, static group =>
        {
            group.Loss = 0.1;
            group.Run(TimeSpan.FromMinutes(2));
        }, cancellationToken);
        return
        [
            new Figure("membership.removed.stall.100", stalled, "nodes", 0, "", 1, Count(groups * 20), ""),
            new Figure("membership.removed.loss.100", lossy, "nodes", 0, "", 1, Count(groups), ""),
        ];
    }

    private static Figure Messages(string name, double value, int trials) =>
        new(name, value, "1/s each", MemberlistMessages, Memberlist, MemberlistMessages / value, Count(trials), "");

    private static double At(double[] sorted, double part) => sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];

    private static string Count(int trials) => Name($"{trials} trials");

    private static string Name(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Progress(string what) => Console.Error.WriteLine(what);
}
