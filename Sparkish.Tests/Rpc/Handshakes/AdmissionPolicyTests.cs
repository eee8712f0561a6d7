using FsCheck;
using FsCheck.Fluent;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Tests.Rpc.Handshakes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AdmissionPolicyTests
{
    private static readonly AdmissionLimits Limits = new(Places: 8, FirstByte: TimeSpan.FromSeconds(5), Patience: TimeSpan.FromSeconds(10));

    private readonly List<Candidate> _begun = [];
    private readonly List<Candidate> _dropped = [];
    private readonly AdmissionPolicy _policy = new(Limits);
    private TimeSpan? _next;

    [Test]
    public void A_connection_that_speaks_begins_at_once_where_there_is_room()
    {
        var candidate = Speaking("a", At(0));

        Assert.That(_begun, Is.EqualTo(new[] { candidate }));
        Assert.That((_dropped.Count, candidate.Stage), Is.EqualTo((0, AdmissionStage.Shaking)));
    }

    [Test]
    public void A_silent_connection_is_dropped_when_its_time_is_over()
    {
        var silent = Silent("a", At(1));

        Assert.That(_next, Is.EqualTo(At(6)));
        Take(_policy.Look(At(6)));
        Assert.That((_dropped.Single(), silent.End), Is.EqualTo((silent, AdmissionEnd.Silence)));
    }

    [Test]
    public void Silent_connections_take_no_place_of_those_that_speak()
    {
        for (var i = 0; i < Limits.HeldPerSource; i++) Silent("attacker", At(0));

        var speaking = Speaking("peer", At(0));

        Assert.That(_begun, Is.EqualTo(new[] { speaking }));
        Assert.That(_dropped, Is.Empty);
    }

    [Test]
    public void The_oldest_silent_connection_goes_first_when_a_source_has_too_many()
    {
        var oldest = Silent("attacker", At(0));
        var second = Silent("attacker", At(0));
        for (var i = 2; i < Limits.HeldPerSource; i++) Silent("attacker", At(0));

        Silent("attacker", At(1));
        Silent("attacker", At(1));

        Assert.That(_dropped, Is.EqualTo(new[] { oldest, second }));
    }

    [Test]
    public void The_oldest_silent_stranger_goes_first_when_there_are_too_many_in_all()
    {
        var known = Silent("known", At(0), isKnown: true);
        var stranger = Silent("stranger 0", At(1));
        for (var i = 1; i < Limits.Held - 1; i++) Silent($"stranger {i}", At(2));

        Silent("one more", At(3));

        Assert.That(_dropped, Is.EqualTo(new[] { stranger }));
        Assert.That(known.Stage, Is.EqualTo(AdmissionStage.Silent));
    }

    [Test]
    public void Open_connections_of_untrusted_peers_are_bounded_in_all_and_for_each_source()
    {
        var policy = new AdmissionPolicy(Limits with { Guests = 8 });

        var busy = Enumerable.Range(0, 10).Count(_ => policy.TryStay("busy"));
        var others = Enumerable.Range(0, 10).Count(i => policy.TryStay($"other {i}"));
        policy.EndStay("busy");

        Assert.That((busy, others), Is.EqualTo((6, 2)));
        Assert.That((policy.TryStay("one more"), policy.TryStay("another")), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_source_has_a_share_of_the_places()
    {
        for (var i = 0; i < Limits.Places; i++) Speaking("busy", At(0));

        var other = Speaking("other", At(0));

        Assert.That(_begun, Has.Count.EqualTo(Limits.PerSource + 1));
        Assert.That(_begun[^1], Is.SameAs(other));
    }

    [Test]
    public void Some_places_are_kept_for_known_sources()
    {
        for (var i = 0; i < Limits.Places; i++) Speaking($"stranger {i}", At(0));
        Assume.That(_begun, Has.Count.EqualTo(Limits.Places - Limits.Reserved));

        var known = Speaking("known", At(0), isKnown: true);

        Assert.That(_begun[^1], Is.SameAs(known));
        Assert.That(_dropped, Is.Empty);
    }

    [Test]
    public void A_slow_handshake_gives_its_place_to_a_connection_that_waits_and_not_before()
    {
        var slow = Speaking("busy", At(0));
        for (var i = 1; i < Limits.PerSource; i++) Speaking("busy", At(0.2));
        var waiting = Speaking("busy", At(0.3));

        Assert.That((waiting.Stage, _next), Is.EqualTo((AdmissionStage.Waiting, AdmissionLimits.Grace)));
        Take(_policy.Look(AdmissionLimits.Grace));

        Assert.That((slow.End, waiting.Stage), Is.EqualTo((AdmissionEnd.TooSlow, AdmissionStage.Shaking)));
        Assert.That(_dropped, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_slow_handshake_goes_on_where_nobody_waits()
    {
        var slow = Speaking("a", At(0));

        Take(_policy.Look(At(100)));

        Assert.That(slow.Stage, Is.EqualTo(AdmissionStage.Shaking));
    }

    [Test]
    public void The_busiest_source_gives_way_first()
    {
        for (var i = 0; i < 2; i++) Speaking("quiet", At(0));
        var first = Speaking("busy", At(0.1));
        for (var i = 1; i < 5; i++) Speaking("busy", At(0.1));

        var waiting = Speaking("third", At(1));

        Assert.That((first.End, waiting.Stage), Is.EqualTo((AdmissionEnd.TooSlow, AdmissionStage.Shaking)));
    }

    [Test]
    public void A_place_that_is_free_again_goes_to_a_known_source_first()
    {
        var done = Speaking("a", At(0));
        for (var i = 1; i < Limits.Places - Limits.Reserved; i++) Speaking($"stranger {i}", At(0));
        Speaking("known", At(0), isKnown: true);
        var stranger = Speaking("stranger", At(0.1));
        var known = Speaking("known", At(0.2), isKnown: true);
        Assume.That(known.Stage, Is.EqualTo(AdmissionStage.Waiting));

        Take(_policy.Leave(done, At(0.3)));

        Assert.That((known.Stage, stranger.Stage), Is.EqualTo((AdmissionStage.Shaking, AdmissionStage.Waiting)));
    }

    [Test]
    public void A_connection_waits_for_a_place_no_longer_than_its_patience()
    {
        var patient = new AdmissionPolicy(Limits with { Patience = TimeSpan.FromMilliseconds(100) });
        for (var i = 0; i < Limits.PerSource; i++) Take(Speak(patient, "a", At(0)).Step);
        var (waiting, _) = Speak(patient, "a", At(0));

        Take(patient.Look(At(0.2)));

        Assert.That(waiting.End, Is.EqualTo(AdmissionEnd.Crowded));
    }

    [Test]
    public void Silent_connections_give_way_when_the_system_has_no_room_and_those_that_spoke_do_not()
    {
        var speaking = Speaking("a", At(0));
        var silent = new[] { Silent("a", At(0)), Silent("b", At(0)) };

        Take(_policy.Relieve(10, At(1)));

        Assert.That(_dropped, Is.EquivalentTo(silent));
        Assert.That(speaking.Stage, Is.EqualTo(AdmissionStage.Shaking));
    }

    /// <summary>Any connections in any order: the bounds hold, and no place stays free while a connection waits that may have it.</summary>
    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property Bounds_hold_and_no_place_is_wasted() => Prop.ForAll(Gen.Choose(0, 99_999).ListOf().ToArbitrary(), choices =>
    {
        var policy = new AdmissionPolicy(Limits);
        var all = new List<Candidate>();
        var now = TimeSpan.Zero;
        foreach (var choice in choices)
        {
            now += TimeSpan.FromMilliseconds(choice % 97);
            var source = choice / 10 % 4;
            var there = all.Where(candidate => candidate.Stage != AdmissionStage.Gone).ToList();
            var step = (choice % 10) switch
            {
                < 4 => Arrive(policy, all, source, now),
                < 7 when there.Count > 0 => policy.Speak(there[choice % there.Count], now),
                < 9 when there.Count > 0 => policy.Leave(there[choice % there.Count], now),
                _ => policy.Look(now),
            };
            Check(all, step, now);
        }
    });

    private static AdmissionStep Arrive(AdmissionPolicy policy, List<Candidate> all, int source, TimeSpan now)
    {
        var candidate = new Candidate($"source {source}", isKnown: source == 0);
        all.Add(candidate);
        return policy.Arrive(candidate, now);
    }

    private static void Check(List<Candidate> all, AdmissionStep step, TimeSpan now)
    {
        var shaking = all.Where(candidate => candidate.Stage == AdmissionStage.Shaking).ToList();
        var waiting = all.Where(candidate => candidate.Stage == AdmissionStage.Waiting).ToList();
        var held = all.Count(candidate => candidate.Stage == AdmissionStage.Silent) + waiting.Count;
        Assert.That(shaking, Has.Count.LessThanOrEqualTo(Limits.Places));
        Assert.That(shaking.Count(candidate => !candidate.IsKnown), Is.LessThanOrEqualTo(Limits.Places - Limits.Reserved));
        Assert.That(shaking.CountBy(candidate => candidate.Source).All(source => source.Value <= Limits.PerSource), Is.True);
        Assert.That(held, Is.LessThanOrEqualTo(Limits.Held));
        Assert.That(step.Begun.All(candidate => candidate.Stage == AdmissionStage.Shaking), Is.True);
        Assert.That(step.Dropped.All(candidate => candidate is { Stage: AdmissionStage.Gone, End: not null }), Is.True);
        foreach (var candidate in waiting)
        {
            var own = shaking.Where(other => other.Source == candidate.Source).ToList();
            var isBlocked = own.Count == Limits.PerSource || shaking.Count == Limits.Places
                || (!candidate.IsKnown && shaking.Count(other => !other.IsKnown) == Limits.Places - Limits.Reserved);
            Assert.That(isBlocked, Is.True, "A connection waits though there is a place for it.");
            Assert.That(own.Count == 0 || now - own[0].Since < AdmissionLimits.Grace || own.Count < Limits.PerSource, Is.True);
            Assert.That(step.Next, Is.Not.Null, "Somebody looks again.");
        }
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static (Candidate Candidate, AdmissionStep Step) Speak(AdmissionPolicy policy, string source, TimeSpan now, bool isKnown = false)
    {
        var candidate = new Candidate(source, isKnown);
        policy.Arrive(candidate, now);
        return (candidate, policy.Speak(candidate, now));
    }

    private Candidate Silent(string source, TimeSpan now, bool isKnown = false)
    {
        var candidate = new Candidate(source, isKnown);
        Take(_policy.Arrive(candidate, now));
        return candidate;
    }

    private Candidate Speaking(string source, TimeSpan now, bool isKnown = false)
    {
        var candidate = Silent(source, now, isKnown);
        Take(_policy.Speak(candidate, now));
        return candidate;
    }

    private void Take(AdmissionStep step)
    {
        _begun.AddRange(step.Begun);
        _dropped.AddRange(step.Dropped);
        _next = step.Next;
    }
}
