using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>Each rule of event-sourced endpoints: order, safety, restarts, snapshots.</summary>
internal sealed class EventSourcedEndpointTests : EventSourcedEndpointTest
{
    [Test]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        var counter = Start();
        await AskAsync(counter, new Increment(2));
        await AskAsync(counter, new Increment(3));
        await StopAsync(counter);

        var again = Start();

        Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(5));
        Assert.That(Seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "stopped", "recovered 5 epoch 2" }));
    }

    [Test]
    public async Task An_effect_waits_until_the_event_is_safe()
    {
        var append = Hold();
        var counter = Start();

        var answer = AskAsync(counter, new Increment(2));
        await append.Begun;
        var early = answer.IsCompleted;
        append.Release();

        Assert.That((early, await answer), Is.EqualTo((false, 2L)));
    }

    [Test]
    public async Task Commands_that_come_during_an_append_share_the_next_one_in_their_order()
    {
        var first = Hold();
        var counter = Start();
        var answers = new List<Task<long>> { AskAsync(counter, new Increment(1)) };
        await first.Begun;
        for (var i = 2; i <= 50; i++) answers.Add(AskAsync(counter, new Increment(i)));
        await InboxIsEmptyAsync(counter);

        first.Release();
        var values = await Task.WhenAll(answers);

        Assert.That(values, Is.EqualTo(Enumerable.Range(1, 50).Select(n => (long)n * (n + 1) / 2)));
        Assert.That(Store.Batches, Is.EqualTo(new[] { 1, 49 }));
    }

    [Test]
    public async Task A_read_waits_for_its_place_and_sees_what_comes_before_it_only()
    {
        var first = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var read = AskAsync(counter, new GetValue());
        var after = AskAsync(counter, new Increment(10));
        await InboxIsEmptyAsync(counter);
        var early = read.IsCompleted;

        first.Release();

        Assert.That((early, await before, await read, await after), Is.EqualTo((false, 1L, 1L, 11L)));
    }

    [Test]
    public async Task Commands_wait_in_order_while_the_endpoint_recovers()
    {
        var opening = new Gate();
        Store.Opening = opening.WaitAsync;
        var counter = Start();
        await opening.Begun;
        var answers = new[] { AskAsync(counter, new Increment(1)), AskAsync(counter, new IncrementTwice(1)), AskAsync(counter, new GetValue()) };

        opening.Release();

        Assert.That(await Task.WhenAll(answers), Is.EqualTo(new[] { 1L, 3L, 3L }));
    }

    [Test]
    public async Task Too_many_that_wait_are_refused()
    {
        var opening = new Gate();
        Store.Opening = opening.WaitAsync;
        var counter = Start(EventSourcingCounter.Options(Store) with { MaxWaiting = 2 });
        await opening.Begun;
        var first = AskAsync(counter, new Increment(1));
        counter.Send(new Increment(2));
        counter.Send(new Increment(4));
        var refused = AskAsync(counter, new Increment(8));

        var error = await CatchAsync(refused);
        opening.Release();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error, Is.TypeOf<EndpointBusyException>().With.Message.EqualTo(
                "Endpoint 'counter' waits for its journal, and 2 commands are queued already: retry later, or raise MaxWaiting."));
            Assert.That(await first, Is.EqualTo(1));
            Assert.That(await AskAsync(counter, new GetValue()), Is.EqualTo(3));
        }
    }

    [Test]
    public async Task A_restart_reads_the_journal_again_after_the_old_one_was_closed()
    {
        var closing = new Gate();
        var counter = Env.SetupEndpoint(
            "counter", () => New(EventSourcingCounter.Options(Store), error => error is TimeoutException ? ErrorDirective.Restart : ErrorDirective.Resume));
        await AskAsync(counter, new Increment(3));
        var mostOpen = 0;
        Store.Closing = closing.WaitAsync;
        Store.Opening = () =>
        {
            mostOpen = Math.Max(mostOpen, Store.Open);
            return Task.CompletedTask;
        };

        await CatchAsync(AskAsync(counter, new RestartYourself()));
        await closing.Begun;
        var answer = AskAsync(counter, new Increment(1));
        await Seen.UntilAsync(seen => seen.Contains("stopped"));
        var early = answer.IsCompleted;
        closing.Release();

        Assert.That((early, await answer, mostOpen), Is.EqualTo((false, 4L, 0)));
        Assert.That(Seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "error restart", "stopped", "recovered 3 epoch 2" }));
    }

    [Test]
    public async Task A_restart_within_one_term_goes_on_under_its_epoch()
    {
        var counter = Env.SetupEndpoint(
            "counter", () => New(EventSourcingCounter.Options(Store) with { Epoch = 7 }, static error => error is TimeoutException
                ? ErrorDirective.Restart
                : ErrorDirective.Resume));
        await AskAsync(counter, new Increment(3));

        await CatchAsync(AskAsync(counter, new RestartYourself()));

        Assert.That(await AskAsync(counter, new Increment(1)), Is.EqualTo(4));
        Assert.That(Seen, Is.EqualTo(new[] { "recovered 0 epoch 7", "error restart", "stopped", "recovered 3 epoch 7" }));
    }

    [Test]
    public async Task An_append_under_way_at_a_stop_completes_before_the_journal_is_opened_again()
    {
        var append = Hold();
        var counter = Start();
        var answer = AskAsync(counter, new Increment(3));
        await append.Begun;

        await StopAsync(counter);
        var error = await CatchAsync(answer);
        var again = Start();
        append.Release();

        Assert.That(error, Is.TypeOf<JournalException>().With.Message.Contains("whether the journal holds them is unknown"));
        Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(3));
    }

    [Test]
    public async Task An_endpoint_that_is_told_to_stop_by_an_effect_answers_first_and_refuses_what_comes_behind()
    {
        var first = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var last = AskAsync(counter, new IncrementAndStop());
        var behind = AskAsync(counter, new Increment(1));
        await InboxIsEmptyAsync(counter);

        first.Release();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await before, await last), Is.EqualTo((1L, 2L)));
            Assert.That(await CatchAsync(behind), Is.TypeOf<EndpointNotFoundException>());
        }

        await GoneAsync(counter);
        Assert.That(Store.Entries(EventSourcingCounter.Journal), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_snapshot_takes_the_place_of_the_events_before_it()
    {
        var counter = Start(EventSourcingCounter.Options(Store) with { SnapshotEvery = 3 });
        for (var i = 0; i < 10; i++) await AskAsync(counter, new Increment(1));
        await EventuallyAsync(() => Store.Snapshot(EventSourcingCounter.Journal) is { } saved
            && Store.Entries(EventSourcingCounter.Journal).All(entry => entry.Sequence > saved.Sequence));
        await StopAsync(counter);
        var kept = Store.Entries(EventSourcingCounter.Journal).Count;

        var again = Start();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(10));
            Assert.That(kept, Is.EqualTo(10 - Store.Snapshot(EventSourcingCounter.Journal)?.Sequence).And.LessThan(8));
            Assert.That(await AskAsync(again, new Increment(1)), Is.EqualTo(11), "the types are still defined");
            Assert.That(await AskAsync(again, new ResetCounter()), Is.Zero);
        }
    }

    [Test]
    public async Task A_batch_is_bounded_and_the_events_of_a_command_are_never_parted()
    {
        var first = Hold();
        var counter = Start(EventSourcingCounter.Options(Store) with { MaxBatchEvents = 3 });
        var answers = new List<Task<long>> { AskAsync(counter, new Increment(1)) };
        await first.Begun;
        for (var i = 0; i < 4; i++) answers.Add(AskAsync(counter, new IncrementTwice(1)));
        await InboxIsEmptyAsync(counter);

        first.Release();

        Assert.That(await Task.WhenAll(answers), Is.EqualTo(new[] { 1L, 3, 5, 7, 9 }));
        Assert.That(Store.Batches, Is.EqualTo(new[] { 1, 2, 2, 2, 2 }));
    }

    [Test]
    public async Task Timers_watches_and_effects_with_messages_work_as_in_every_endpoint()
    {
        var counter = Start();
        var probe = new ProbeEndpoint();
        var probeRef = Env.SetupEndpoint("probe", probe);

        counter.Send(new IncrementAndSend(2, probeRef));
        var told = await probe.ExpectAsync<long>();
        counter.Send(new StartTimer());
        await EventuallyAsync(() => Seen.Contains("sent 7"));

        Assert.That(told, Is.EqualTo(2));
    }

    [Test]
    public async Task The_state_outside_of_handlers_is_the_acknowledged_one()
    {
        var first = Hold();
        var second = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var written = AskAsync(counter, new Increment(1));
        var acknowledged = AskAsync(counter, new GetAcknowledged());
        await InboxIsEmptyAsync(counter);

        first.Release();
        await second.Begun;
        var seen = await acknowledged;
        second.Release();

        Assert.That((await before, await written, seen), Is.EqualTo((1L, 2L, 1L)));
    }
}
