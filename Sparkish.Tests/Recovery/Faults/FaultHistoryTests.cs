using Sparkish.Benchmarks.Faults;

namespace Sparkish.Tests.Recovery.Faults;

/// <summary>The checker of fault runs finds each kind of broken promise.</summary>
internal sealed class FaultHistoryTests
{
    private static readonly FaultEvent[] Journal = [new(1, 1, "10.1"), new(1, 2, "10.2"), new(3, 3, "11.1")];
    private static readonly FaultTerm[] Terms = [new(1, 10, First: 100, Last: 200), new(3, 11, First: 200, Last: 300)];

    [Test]
    public void A_history_that_agrees_with_the_journal_has_no_violation() =>
        Assert.That(FaultHistory.Violations([Journal[0], Journal[2]], Terms, Journal), Is.Empty);

    [Test]
    public void An_acknowledged_event_that_is_not_there_is_lost() =>
        Assert.That(FaultHistory.Violations([new FaultEvent(1, 2, "10.9")], Terms, Journal), Has.One.StartsWith("acknowledged and lost"));

    [Test]
    public void An_event_that_is_there_twice_is_doubled() =>
        Assert.That(FaultHistory.Violations([], Terms, [.. Journal, new FaultEvent(3, 4, "11.1")]), Is.EqualTo(new[] { "event '11.1' is there 2 times" }));

    [Test]
    public void Events_of_an_earlier_leader_behind_a_later_ones_are_found() => Assert.That(
        FaultHistory.Violations([], Terms, [.. Journal, new FaultEvent(1, 4, "10.3")]), Is.EqualTo(new[] { "event 4 of epoch 1 comes after a later epoch" }));

    [Test]
    public void Two_writers_of_one_epoch_and_gaps_are_found() => Assert.That(
        FaultHistory.Violations([], Terms, [.. Journal, new FaultEvent(3, 5, "12.1")]),
        Is.EqualTo(new[] { "event 5 stands where 4 should", "several processes wrote under epoch 3" }));

    [Test]
    public void Terms_that_overlap_are_two_current_leaders() => Assert.That(
        FaultHistory.Violations([], [.. Terms, new FaultTerm(2, 12, First: 150, Last: 160)], Journal),
        Is.EqualTo(new[] { "two current leaders: process 10 under epoch 1 and process 12 under epoch 2" }));
}
